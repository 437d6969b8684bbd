package io.gemlab.graph.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.Packing;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.SmallTraining;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.loss.Temperature;
import io.gemlab.ops.oracle.LossOracle;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.types.TFloat32;

/** What a teacher gives and what a student learns of it. */
class TopKLossTest {
  private static final LabelledBatch BATCH = SmallSteps.rows(0, 2);
  private static final int VOCABULARY = SmallTraining.CONFIG.vocabSize();
  private static final Gemma2Model<TFloat32> MODEL =
      new Gemma2Model<>(SmallTraining.CONFIG, OpChoice.of(new EagerAttention()), TFloat32.class);
  private static final TrainingLoss.BatchShape SIZE =
      new TrainingLoss.BatchShape(2, SmallSteps.LENGTH);

  static List<ExecutionPath> paths() {
    return List.of(new GraphPath(), new FusedPath());
  }

  /** Of few tokens of each position, and in pieces. */
  @ParameterizedTest
  @MethodSource("paths")
  void ofItselfAModelLearnsNothing(ExecutionPath path) {
    int k = 5;
    TeacherPass<TFloat32> teacher = new TeacherPass<>(MODEL, SIZE, k, new Temperature(2), 3);
    TrainStep<TFloat32> step = step(4, k, new Distillation(new Temperature(2), true, 0));
    TrainStep<TFloat32> plain = SmallSteps.of(2);
    List<GraphFunction> functions =
        List.of(
            teacher.trace("teacher"), step.traceGradients("taught"), plain.traceGradients("ce"));
    try (Executable executable = load(path, functions, 1)) {
      LabelledBatch taught = taught(executable, BATCH);
      assertEquals(0, SmallSteps.loss(executable, "taught", taught), 1e-5);
      Map<String, float[]> usual = SmallSteps.gradients(executable, "ce", BATCH);
      SmallSteps.gradients(executable, "taught", taught)
          .forEach(
              (name, gradient) ->
                  assertEquals(
                      0,
                      SmallSteps.largest(gradient),
                      1e-4 * SmallSteps.largest(usual.get(name)),
                      name));
    }
  }

  /** By the teacher's whole distribution, in float64 from the logits of both. */
  @Test
  void ofTheWholeVocabularyItIsTheDivergenceOfTheWholeDistributions() {
    double temperature = 2;
    double weight = 0.25;
    TeacherPass<TFloat32> pass =
        new TeacherPass<>(MODEL, SIZE, VOCABULARY, new Temperature(temperature), 1);
    GraphFunction forward =
        new ForwardPass<>(MODEL, 2, SmallSteps.LENGTH)
            .trace("forward", ForwardPass.Returns.LOGITS_ONLY);
    LabelledBatch taught;
    float[] theirs;
    try (Executable teacher = load(new GraphPath(), List.of(pass.trace("teacher"), forward), 2)) {
      taught = taught(teacher, BATCH);
      theirs = SmallSteps.logits(teacher, BATCH);
    }
    TrainStep<TFloat32> step =
        step(1, VOCABULARY, new Distillation(new Temperature(temperature), true, weight));
    TrainStep<TFloat32> pieces =
        step(4, VOCABULARY, new Distillation(new Temperature(temperature), true, weight));
    try (Executable student =
        load(
            new GraphPath(),
            List.of(step.traceGradients("whole"), pieces.traceGradients("pieces"), forward),
            1)) {
      float[] ours = SmallSteps.logits(student, BATCH);
      double sum = 0;
      for (int m = 0; m < SIZE.positions(); m++) {
        int label = BATCH.labels()[m / SmallSteps.LENGTH][m % SmallSteps.LENGTH];
        if (label < 0) continue;
        double[] p = logSoftmax(theirs, m, temperature);
        double[] q = logSoftmax(ours, m, temperature);
        double kl = 0;
        for (int v = 0; v < VOCABULARY; v++) kl += Math.exp(p[v]) * (p[v] - q[v]);
        sum +=
            (1 - weight) * temperature * temperature * kl - weight * logSoftmax(ours, m, 1)[label];
      }
      double want = sum / BATCH.scored();
      assertEquals(want, SmallSteps.loss(student, "whole", taught), 1e-5 * want);
      assertEquals(want, SmallSteps.loss(student, "pieces", taught), 1e-5 * want);
      Map<String, float[]> whole = SmallSteps.gradients(student, "whole", taught);
      Map<String, float[]> cut = SmallSteps.gradients(student, "pieces", taught);
      whole.forEach(
          (name, gradient) ->
              assertArrayEquals(
                  gradient, cut.get(name), 5e-5f * SmallSteps.largest(gradient), name));
    }
  }

  /** The teacher sees no document beside the one that it scores. */
  @Test
  void packedDocumentsAreScoredAsIfAlone() {
    int[] ids = BATCH.tokens().inputIds()[0];
    int half = SmallSteps.LENGTH / 2;
    int[] documents = new int[SmallSteps.LENGTH];
    Arrays.fill(documents, 0, half, 1);
    Arrays.fill(documents, half, SmallSteps.LENGTH, 2);
    TokenBatch packed =
        new TokenBatch(new int[][] {ids}, new int[][] {documents}, Packing.DOCUMENTS);
    TokenBatch alone = TokenBatch.of(new int[][] {Arrays.copyOfRange(ids, half, ids.length)});
    TrainingLoss.BatchShape rows =
        new TrainingLoss.BatchShape(1, SmallSteps.LENGTH, Packing.DOCUMENTS);
    List<GraphFunction> functions =
        List.of(
            new TeacherPass<>(MODEL, rows, 4, Temperature.ONE, 2).trace("packed"),
            new TeacherPass<>(MODEL, new TrainingLoss.BatchShape(1, half), 4, Temperature.ONE, 1)
                .trace("alone"));
    try (Executable executable = load(new GraphPath(), functions, 1);
        Results both = executable.run("packed", packed.arguments());
        Results one = executable.run("alone", alone.arguments())) {
      int[] tops = both.get(TopKLoss.IDS).ints();
      assertArrayEquals(
          one.get(TopKLoss.IDS).ints(), Arrays.copyOfRange(tops, half * 4, tops.length));
      float[] logP = both.get(TopKLoss.LOG_PROBABILITIES).floats();
      assertArrayEquals(
          one.get(TopKLoss.LOG_PROBABILITIES).floats(),
          Arrays.copyOfRange(logP, half * 4, logP.length),
          1e-5f);
    }
  }

  @Test
  void refuses() {
    refused("top-k is 0, and the teacher's vocabulary has", 0, 1);
    refused("top-k is " + (VOCABULARY + 1), VOCABULARY + 1, 1);
    refused("rows of 24 tokens can't be cut into 23 pieces", 1, 23);
  }

  private static void refused(String message, int k, int pieces) {
    InvalidInput refusal =
        assertThrows(
            InvalidInput.class, () -> new TeacherPass<>(MODEL, SIZE, k, Temperature.ONE, pieces));
    assertTrue(refusal.getMessage().contains(message), refusal::getMessage);
  }

  private static TrainStep<TFloat32> step(int pieces, int k, Distillation distillation) {
    return new TrainStep<>(MODEL, SIZE, new TopKLoss(pieces, k, distillation));
  }

  private static Executable load(ExecutionPath path, List<GraphFunction> functions, long seed) {
    Executable executable = path.load(functions);
    ModelWeights.initialize(Parameters.trained(MODEL), seed, 0.2, executable);
    return executable;
  }

  /** The batch with what the function {@code teacher} says of it. */
  private static LabelledBatch taught(Executable executable, LabelledBatch batch) {
    try (Results results = executable.run("teacher", batch.tokens().arguments())) {
      Map<String, HostTensor> more = new HashMap<>();
      HostTensor ids = results.get(TopKLoss.IDS);
      more.put(TopKLoss.IDS, HostTensor.of(ids.ints(), ids.shape().toArray()));
      for (String name : List.of(TopKLoss.LOG_PROBABILITIES, TopKLoss.REST)) {
        HostTensor values = results.get(name);
        more.put(name, HostTensor.of(values.floats(), values.shape().toArray()));
      }
      return new LabelledBatch(batch.tokens(), batch.labels(), more);
    }
  }

  private static double[] logSoftmax(float[] logits, int position, double temperature) {
    double[] scores = SmallSteps.scores(logits, position);
    return LossOracle.logSoftmax(Arrays.stream(scores).map(z -> z / temperature).toArray());
  }
}
