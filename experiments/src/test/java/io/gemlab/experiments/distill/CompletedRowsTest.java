package io.gemlab.experiments.distill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SmallModel;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.text.ShuffledBatches;
import io.gemlab.graph.base.text.TrainingRows;
import io.gemlab.graph.decode.Generator;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.Padding;
import io.gemlab.ops.attention.EagerAttention;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tensorflow.types.TFloat32;

/** Of prompts and completions, completions alone are scored, whoever wrote them. */
class CompletedRowsTest {
  private static final int LENGTH = 12;
  private static final int ROWS = 6;
  private static final int PAD = 0;
  private static final Set<Integer> NO_END = Set.of();

  private static Executable executable;
  private static Generator generator;

  /** Row r: r + 2 tokens of a prompt, three of an answer, and padding. */
  private static final TrainingRows DATA =
      new TrainingRows() {
        @Override
        public int count() {
          return ROWS;
        }

        @Override
        public int length() {
          return LENGTH;
        }

        @Override
        public long scored() {
          return 3L * ROWS;
        }

        @Override
        public LabelledBatch batch(int... numbers) {
          int[][] ids = new int[numbers.length][LENGTH];
          int[][] mask = new int[numbers.length][LENGTH];
          int[][] labels = new int[numbers.length][LENGTH];
          for (int b = 0; b < numbers.length; b++) {
            int tokens = numbers[b] + 5;
            for (int t = 0; t < tokens; t++) ids[b][t] = 10 * numbers[b] + t + 4;
            Arrays.fill(mask[b], 0, tokens, 1);
            Arrays.fill(labels[b], Padding.LABEL);
            for (int t = tokens - 4; t < tokens - 1; t++) labels[b][t] = ids[b][t + 1];
          }
          return new LabelledBatch(new TokenBatch(ids, mask), labels);
        }
      };

  @BeforeAll
  static void load() {
    Gemma2Model<TFloat32> model =
        new Gemma2Model<>(SmallModel.config(), OpChoice.of(new EagerAttention()), TFloat32.class);
    executable = new GraphPath().load(List.of(Generator.weights(model)));
    ModelWeights.initialize(model, 3, executable, ElementType.F32);
    generator = new Generator(model, executable);
  }

  @AfterAll
  static void close() {
    generator.close();
    executable.close();
  }

  @Test
  void whatTheStudentWroteIsScoredAndNothingElse() {
    LabelledBatch written = rows(1, false, 5, 1, NO_END).at(3, generator, null);
    LabelledBatch own = shuffled().at(3);
    for (int b = 0; b < ROWS; b++) {
      int prompt = prompt(own, b);
      int completed = Math.min(5, LENGTH - prompt);
      assertArrayEquals(
          Arrays.copyOf(own.tokens().inputIds()[b], prompt),
          Arrays.copyOf(written.tokens().inputIds()[b], prompt));
      for (int t = 0; t < LENGTH; t++) {
        boolean scored = t >= prompt - 1 && t < prompt - 1 + completed;
        assertEquals(
            scored ? written.tokens().inputIds()[b][t + 1] : Padding.LABEL,
            written.labels()[b][t],
            "row " + b + ", position " + t);
        assertEquals(t < prompt + completed ? 1 : 0, written.tokens().attentionMask()[b][t]);
        if (t >= prompt + completed) assertEquals(PAD, written.tokens().inputIds()[b][t]);
      }
    }
  }

  /** Every token ends a row here: it is the one that is scored. */
  @Test
  void theTokenThatEndsACompletionIsScored() {
    Set<Integer> all =
        IntStream.range(0, SmallModel.config().vocabSize()).boxed().collect(Collectors.toSet());
    assertEquals(ROWS, rows(1, false, 5, 1, all).at(0, generator, null).scored());
  }

  @Test
  void offPolicyRowsAreTheDatasOrTheTeachers() {
    LabelledBatch own = shuffled().at(2);
    LabelledBatch kept = rows(0, false, 5, 1, NO_END).at(2, null, null);
    assertArrayEquals(own.tokens().inputIds(), kept.tokens().inputIds());
    assertArrayEquals(own.labels(), kept.labels());
    // Of a longer prompt less is scored.
    LabelledBatch longer = rows(0, false, 5, 5, NO_END).at(2, null, null);
    assertTrue(longer.scored() < own.scored());
    for (int[] labels : longer.labels()) {
      for (int t = 0; t < 4; t++) assertEquals(Padding.LABEL, labels[t]);
    }
    LabelledBatch teachers = rows(0, true, 5, 1, NO_END).at(2, null, () -> generator);
    LabelledBatch students = rows(1, false, 5, 1, NO_END).at(2, generator, null);
    assertArrayEquals(students.tokens().inputIds(), teachers.tokens().inputIds());
  }

  @Test
  void lambdaDrawsEachRowBySeedAndStep() {
    CompletedRows half = rows(0.5, false, 5, 1, NO_END);
    int drawn = 0;
    Set<String> steps = new HashSet<>();
    for (int step = 0; step < 200; step++) {
      StringBuilder rows = new StringBuilder();
      for (int row = 0; row < ROWS; row++) {
        boolean onPolicy = half.isOnPolicy(step, row);
        assertEquals(onPolicy, half.isOnPolicy(step, row));
        if (onPolicy) drawn++;
        rows.append(onPolicy ? '1' : '0');
      }
      steps.add(rows.toString());
    }
    // 1200 draws: five standard deviations to either side.
    assertEquals(600, drawn, 87);
    assertTrue(steps.size() > 40, steps::toString);
    LabelledBatch again = half.at(7, generator, null);
    assertArrayEquals(again.tokens().inputIds(), half.at(7, generator, null).tokens().inputIds());
    assertFalse(
        Arrays.deepEquals(
            again.tokens().inputIds(), half.at(7 + ROWS, generator, null).tokens().inputIds()));
  }

  @Test
  void aStepIsCutIntoItsRows() {
    LabelledBatch whole = rows(1, false, 5, 1, NO_END).at(0, generator, null);
    List<LabelledBatch> cut = whole.cut(3);
    assertEquals(3, cut.size());
    assertEquals(LabelledBatch.sha256(List.of(whole)), LabelledBatch.sha256(cut));
    assertEquals(whole.scored(), cut.stream().mapToInt(LabelledBatch::scored).sum());
  }

  @Test
  void refuses() {
    InvalidInput share =
        assertThrows(InvalidInput.class, () -> new CompletionSpec(1.5, false, 1, 5, 1, 1));
    assertEquals("lambda is 1.5; give a number from 0 to 1", share.getMessage());
    InvalidInput tokens =
        assertThrows(InvalidInput.class, () -> new CompletionSpec(1, false, 1, 0, 1, 1));
    assertTrue(tokens.getMessage().startsWith("new_tokens is 0 and prompt_tokens 1;"));
  }

  private static int prompt(LabelledBatch own, int row) {
    int first = 0;
    while (Padding.isLabel(own.labels()[row][first])) first++;
    return first + 1;
  }

  private static ShuffledBatches shuffled() {
    return new ShuffledBatches(DATA, ROWS, 1);
  }

  private static CompletedRows rows(
      double lambda, boolean teacherWrites, int newTokens, int promptTokens, Set<Integer> ends) {
    return new CompletedRows(
        shuffled(),
        new CompletionSpec(lambda, teacherWrites, 1, newTokens, promptTokens, 5),
        ends,
        PAD);
  }
}
