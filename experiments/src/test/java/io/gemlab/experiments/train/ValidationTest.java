package io.gemlab.experiments.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.train.Validation.Point;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.text.ByteTokenizer;
import io.gemlab.graph.base.text.Corpus;
import io.gemlab.graph.base.text.PackedSequences;
import io.gemlab.graph.base.text.TokenSequences;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.ops.Padding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ValidationTest {
  private static final LabelledBatch THREE =
      LabelledBatch.of(new int[][] {{2, 1, 1}}, new int[][] {{1, 1, 1}});
  private static final LabelledBatch ONE =
      LabelledBatch.of(new int[][] {{6, 1, 1}}, new int[][] {{1, Padding.LABEL, Padding.LABEL}});

  /** Sums the first token over those that are scored. */
  private static final HostExecutable FIRST_TOKEN =
      new HostExecutable(
          arguments -> {
            int first = arguments.get("input_ids").ints()[0];
            int[] labels = arguments.get("labels").ints();
            int scored = (int) IntStream.of(labels).filter(label -> label >= 0).count();
            return results(first * scored, scored);
          });

  private static Map<String, HostTensor> results(float sum, int tokens) {
    return Map.of(
        TrainStep.LOSS_SUM, HostTensor.scalar(sum),
        TrainStep.TOKENS, HostTensor.of(new int[] {tokens}));
  }

  @Test
  void everyScoredTokenWeighsTheSame() {
    Validation validation = validation();
    validation.onStart(0);
    assertEquals(List.of(new Point(0, (3 * 2 + 6) / 4f)), validation.points());
  }

  @Test
  void isMadeAtIntervalsAndOnce() {
    Validation validation = validation();
    validation.onStart(0);
    for (int step = 1; step <= 5; step++) validation.onStep(step(step));
    assertEquals(List.of(0, 2, 4, 5), validation.points().stream().map(Point::steps).toList());

    Validation resumed = validation();
    resumed.restore(validation.saved()::get);
    resumed.onStart(5);
    assertEquals(validation.points(), resumed.points());
  }

  @Test
  void whatIsNoNumberNamesTheStep() {
    HostExecutable diverged = new HostExecutable(_ -> results(Float.NaN, 1));
    Validation validation = new Validation(diverged, "loss", List.of(ONE), new Interval(2, 5));
    assertTrue(
        assertThrows(NotFiniteException.class, () -> validation.onStart(4))
            .getMessage()
            .endsWith("is NaN after step 4"));
  }

  @Test
  void takesSequencesFromAllOverTheText() {
    TokenSequences all =
        PackedSequences.of(Corpus.builtIn(), new ByteTokenizer(), 64, 0.02).validation();
    List<LabelledBatch> batches = Validation.evenlySpaced(all, 11, 2);
    assertEquals(5, batches.size());
    List<int[]> rows = new ArrayList<>();
    for (LabelledBatch batch : batches) rows.addAll(List.of(batch.tokens().inputIds()));
    for (int i = 0; i < 10; i++) {
      assertArrayEquals(all.batch(i * all.count() / 10).tokens().inputIds()[0], rows.get(i));
    }
    assertTrue(
        assertThrows(InvalidInput.class, () -> Validation.evenlySpaced(all, 3, 4))
            .getMessage()
            .startsWith("validation has 3 sequences, less than a batch of 4; give"));
  }

  private static Validation validation() {
    return new Validation(FIRST_TOKEN, "loss", List.of(THREE, ONE), new Interval(2, 5));
  }

  private static StepResult step(int step) {
    return new StepResult(
        step,
        List.of(ONE),
        1,
        1,
        1,
        1,
        1,
        true,
        StepResult.Rounding.NONE,
        0,
        OptionalDouble.empty());
  }
}
