package io.gemlab.graph.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.types.TFloat32;

/** A teacher of another width and another cap, of which the student's step holds the head alone. */
class DivergenceLossTest {
  private static final LabelledBatch BATCH = SmallSteps.rows(0, 2);
  private static final int VOCABULARY = SmallTraining.CONFIG.vocabSize();
  private static final TrainingLoss.BatchShape SIZE =
      new TrainingLoss.BatchShape(2, SmallSteps.LENGTH);
  private static final Gemma2Model<TFloat32> STUDENT = model(SmallTraining.CONFIG);
  private static final Gemma2Model<TFloat32> TEACHER =
      model(
          ConfigJson.read(
              ConfigJson.write(SmallTraining.CONFIG)
                  .put("hidden_size", 16)
                  .put("final_logit_softcapping", 4.0),
              "teacher"));

  static List<ExecutionPath> paths() {
    return List.of(new GraphPath(), new FusedPath());
  }

  /** At beta 0 and 1, and between; whole and in pieces. */
  @ParameterizedTest
  @MethodSource("paths")
  void isThatOfTheLogitsOfBothEachWithItsCap(ExecutionPath path) {
    GraphFunction teacherForward = forward(TEACHER);
    GraphFunction studentForward = forward(STUDENT);
    try (Executable teacher =
            load(
                path,
                TEACHER,
                2,
                new TeacherHiddenPass<>(TEACHER, SIZE).trace("hidden"),
                teacherForward);
        Executable student =
            load(
                path,
                STUDENT,
                1,
                studentForward,
                step(1, TEACHER, 0, 2).traceGradients("kl"),
                step(4, TEACHER, 0, 2).traceGradients("kl_pieces"),
                step(1, TEACHER, 0.3, 1).traceGradients("jsd"),
                step(4, TEACHER, 1, 1).traceGradients("reverse"))) {
      DivergenceLoss.lendHead(TEACHER, teacher, student);
      LabelledBatch taught = taught(teacher);
      float[] theirs = SmallSteps.logits(teacher, BATCH);
      float[] ours = SmallSteps.logits(student, BATCH);
      assertTrue(SmallSteps.largest(theirs) < 4);
      assertTrue(SmallSteps.largest(ours) > 4);
      double kl = 4 * mean(theirs, ours, 2, 0);
      assertEquals(kl, SmallSteps.loss(student, "kl", taught), 1e-4 * kl);
      assertEquals(kl, SmallSteps.loss(student, "kl_pieces", taught), 1e-4 * kl);
      double jsd = mean(theirs, ours, 1, 0.3);
      assertEquals(jsd, SmallSteps.loss(student, "jsd", taught), 1e-4 * jsd);
      double reverse = mean(theirs, ours, 1, 1);
      assertEquals(reverse, SmallSteps.loss(student, "reverse", taught), 1e-4 * reverse);
      Map<String, float[]> whole = SmallSteps.gradients(student, "kl", taught);
      Map<String, float[]> pieces = SmallSteps.gradients(student, "kl_pieces", taught);
      whole.forEach(
          (name, gradient) ->
              assertArrayEquals(
                  gradient, pieces.get(name), 1e-4f * SmallSteps.largest(gradient), name));
    }
  }

  /** KL(a || b) at beta 0 is that at beta 1 with the models swapped. */
  @Test
  void swappingTheModelsAndBetaSwapsTheValue() {
    Gemma2Model<TFloat32> other = STUDENT;
    GraphFunction hidden = new TeacherHiddenPass<>(other, SIZE).trace("hidden");
    GraphFunction forward = step(4, other, 0, 1).traceLoss("forward_kl");
    GraphFunction reverse = step(4, other, 1, 1).traceLoss("reverse_kl");
    try (Executable a = load(new GraphPath(), STUDENT, 1, hidden, forward, reverse);
        Executable b = load(new GraphPath(), STUDENT, 2, hidden, forward, reverse)) {
      DivergenceLoss.lendHead(other, b, a);
      DivergenceLoss.lendHead(other, a, b);
      float ab = SmallSteps.loss(a, "forward_kl", taught(b));
      float ba = SmallSteps.loss(a, "reverse_kl", taught(b));
      assertEquals(ab, SmallSteps.loss(b, "reverse_kl", taught(a)), 1e-5 * ab);
      assertEquals(ba, SmallSteps.loss(b, "forward_kl", taught(a)), 1e-5 * ba);
      assertTrue(Math.abs(ab - ba) > 1e-3 * ab);
    }
  }

  @Test
  void ofItselfAModelLearnsNothing() {
    for (double beta : new double[] {0, 0.5, 1}) {
      GraphFunction hidden = new TeacherHiddenPass<>(STUDENT, SIZE).trace("hidden");
      GraphFunction gradients = step(3, STUDENT, beta, 1).traceGradients("taught");
      GraphFunction usual = SmallSteps.of(2).traceGradients("ce");
      try (Executable own = load(new GraphPath(), STUDENT, 1, hidden, gradients, usual)) {
        DivergenceLoss.lendHead(STUDENT, own, own);
        LabelledBatch taught = taught(own);
        assertEquals(0, SmallSteps.loss(own, "taught", taught), 1e-5);
        Map<String, float[]> plain = SmallSteps.gradients(own, "ce", BATCH);
        SmallSteps.gradients(own, "taught", taught)
            .forEach(
                (name, gradient) ->
                    assertEquals(
                        0,
                        SmallSteps.largest(gradient),
                        1e-4 * SmallSteps.largest(plain.get(name)),
                        name));
      }
    }
  }

  /** What a run saves has nothing of the teacher's. */
  @Test
  void theTeachersHeadIsNoStateOfTheRun() {
    StepFunctions step =
        new StepFunctions.Whole(step(4, TEACHER, 0, 1).trace("step", SmallSteps.OPTIMIZER));
    List<String> kept = step.kept().stream().map(TensorSpec::name).toList();
    List<String> all = step.state().stream().map(input -> input.spec().name()).toList();
    assertTrue(all.contains("teacher/model.embed_tokens.weight"), all::toString);
    assertTrue(kept.stream().noneMatch(name -> name.startsWith("teacher/")), kept::toString);
  }

  @Test
  void refuses() {
    InvalidInput refusal =
        assertThrows(
            InvalidInput.class,
            () ->
                new DivergenceLoss<>(1, TEACHER, 1.5, new Distillation(Temperature.ONE, true, 0)));
    assertEquals("beta is 1.5; give a number from 0 to 1", refusal.getMessage());
  }

  private static Gemma2Model<TFloat32> model(Gemma2Config config) {
    return new Gemma2Model<>(config, OpChoice.of(new EagerAttention()), TFloat32.class);
  }

  private static TrainStep<TFloat32> step(
      int pieces, Gemma2Model<TFloat32> teacher, double beta, double temperature) {
    return new TrainStep<>(
        STUDENT,
        SIZE,
        new DivergenceLoss<>(
            pieces, teacher, beta, new Distillation(new Temperature(temperature), true, 0)));
  }

  private static GraphFunction forward(Gemma2Model<TFloat32> model) {
    return new ForwardPass<>(model, 2, SmallSteps.LENGTH)
        .trace("forward", ForwardPass.Returns.LOGITS_ONLY);
  }

  private static Executable load(
      ExecutionPath path, Gemma2Model<TFloat32> model, long seed, GraphFunction... functions) {
    Executable executable = path.load(List.of(functions));
    ModelWeights.initialize(Parameters.trained(model), seed, 0.2, executable);
    return executable;
  }

  private static LabelledBatch taught(Executable teacher) {
    try (Results results = teacher.run("hidden", BATCH.tokens().arguments())) {
      HostTensor hidden = results.get(DivergenceLoss.HIDDEN);
      return new LabelledBatch(
          BATCH.tokens(),
          BATCH.labels(),
          Map.of(DivergenceLoss.HIDDEN, HostTensor.of(hidden.floats(), hidden.shape().toArray())));
    }
  }

  /** The divergence in float64, over scored positions. */
  private static double mean(float[] teacher, float[] student, double temperature, double beta) {
    double sum = 0;
    for (int m = 0; m < SIZE.positions(); m++) {
      if (BATCH.labels()[m / SmallSteps.LENGTH][m % SmallSteps.LENGTH] < 0) continue;
      double[] p = LossOracle.softmax(SmallSteps.scores(teacher, m), temperature);
      double[] q = LossOracle.softmax(SmallSteps.scores(student, m), temperature);
      double[] mixture = new double[VOCABULARY];
      for (int v = 0; v < VOCABULARY; v++) mixture[v] = beta * p[v] + (1 - beta) * q[v];
      if (beta == 0) sum += kl(p, q);
      else if (beta == 1) sum += kl(q, p);
      else sum += beta * kl(p, mixture) + (1 - beta) * kl(q, mixture);
    }
    return sum / BATCH.scored();
  }

  private static double kl(double[] p, double[] q) {
    double sum = 0;
    for (int v = 0; v < p.length; v++) sum += p[v] * Math.log(p[v] / q[v]);
    return sum;
  }
}
