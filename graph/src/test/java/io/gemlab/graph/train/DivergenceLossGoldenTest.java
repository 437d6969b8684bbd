package io.gemlab.graph.train;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Head;
import io.gemlab.graph.gemma2.ModelTrace;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.gemma2.TeacherHead;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.SmallTraining;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.loss.Temperature;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * The loss of a training step against TRL's {@code generalized_jsd_loss} ({@code gkd.json}) and
 * Tunix's {@code LogitStrategy} ({@code tunix.json}, by {@code distill/make_tunix_golden.py}):
 * heads that hand on what they get, so that hidden states are the logits; whole and in pieces.
 */
class DivergenceLossGoldenTest {
  private static final int VOCABULARY = 33;
  private static final int LENGTH = 7;
  private static final TrainingLoss.BatchShape SIZE = new TrainingLoss.BatchShape(2, LENGTH);
  private static final TensorShape LOGITS = TensorShape.of(2, LENGTH, VOCABULARY);

  private static final int FIRST_4 = 3 * VOCABULARY;

  private static final String STUDENT = "student_hidden";
  private static final Gemma2Model<TFloat32> MODEL =
      new Gemma2Model<>(
          ConfigJson.read(
              ConfigJson.write(SmallTraining.CONFIG)
                  .put("vocab_size", VOCABULARY)
                  .put("hidden_size", VOCABULARY)
                  .putNull("final_logit_softcapping"),
              "identity"),
          OpChoice.of(new EagerAttention()),
          TFloat32.class);

  /**
   * @param norm of the gradient
   * @param first4 of the gradient, of row 0, position 3
   */
  private record Case(
      String of,
      double beta,
      Distillation distillation,
      int pieces,
      double loss,
      double norm,
      JsonNode first4) {
    static Case ofTrl(JsonNode golden, int pieces) {
      return new Case(
          "trl",
          golden.get("beta").asDouble(),
          new Distillation(new Temperature(golden.get("temperature").asDouble()), false, 0),
          pieces,
          golden.get("loss_f64").asDouble(),
          golden.get("grad_norm_f32").asDouble(),
          golden.get("grad_first4"));
    }

    /** Its alpha is what the divergence weighs, and its divergence always has T^2. */
    static Case ofTunix(JsonNode golden, int pieces) {
      return new Case(
          "tunix",
          0,
          new Distillation(
              new Temperature(golden.get("temperature").asDouble()),
              true,
              1 - golden.get("alpha").asDouble()),
          pieces,
          golden.get("loss").asDouble(),
          golden.get("grad_norm").asDouble(),
          golden.get("grad_first4"));
    }

    GraphFunction trace() {
      DivergenceLoss<TFloat32> divergence = new DivergenceLoss<>(pieces, MODEL, beta, distillation);
      try (Trace trace = new Trace(toString())) {
        trace.takesGradients();
        Ops tf = trace.ops();
        Operand<TFloat32> hidden = trace.argument(STUDENT, TFloat32.class, LOGITS);
        Head<TFloat32> head = new Head<>(MODEL, ModelTrace.of(trace, MODEL), hidden);
        Operand<TFloat32> mean = divergence.of(trace, SIZE, head).mean(tf);
        trace.result("loss", mean);
        trace.result("gradient", tf.gradients(mean, List.of(hidden)).<TFloat32>dy(0));
        return trace.finish();
      }
    }

    @Override
    public String toString() {
      return "%s_beta_%s_temperature_%s_ce_%s_pieces_%d"
          .formatted(
              of,
              beta,
              distillation.temperature().value(),
              distillation.crossEntropyWeight(),
              pieces);
    }
  }

  private static Executable executable;
  private static Map<String, HostTensor> arguments;

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int pieces : new int[] {1, LENGTH}) {
      for (JsonNode golden : JsonFile.readObject(golden("gkd.json")).get("cases")) {
        if (golden.get("labels").asBoolean()) cases.add(Case.ofTrl(golden, pieces));
      }
      for (JsonNode golden : JsonFile.readObject(golden("tunix.json")).get("cases")) {
        cases.add(Case.ofTunix(golden, pieces));
      }
    }
    return cases;
  }

  @BeforeAll
  static void load() {
    executable = new GraphPath().load(cases().stream().map(Case::trace).toList());
    ModelWeights.initialize(Parameters.trained(MODEL), 1, 0.2, executable);
    float[] identity = new float[VOCABULARY * VOCABULARY];
    for (int i = 0; i < VOCABULARY; i++) identity[i * VOCABULARY + i] = 1;
    HostTensor table = HostTensor.of(identity, VOCABULARY, VOCABULARY);
    executable.assign(WeightSpec.EMBEDDING, table);
    executable.assign(TeacherHead.name(WeightSpec.EMBEDDING), table);
    try (SafetensorsFile file = SafetensorsFile.open(golden("gkd.safetensors"))) {
      MemorySegment labels = file.segment("labels");
      int[] ints = new int[SIZE.positions()];
      for (int i = 0; i < ints.length; i++) {
        ints[i] = Math.toIntExact(labels.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, (long) i));
      }
      arguments =
          Map.of(
              STUDENT,
              logits(file, "student_logits"),
              DivergenceLoss.HIDDEN,
              logits(file, "teacher_logits"),
              LabelledBatch.LABELS,
              HostTensor.of(ints, 2, LENGTH));
    }
  }

  @AfterAll
  static void close() {
    executable.close();
    arguments.values().forEach(HostTensor::close);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithOthers(Case one) {
    try (Results results = executable.run(one.toString(), arguments)) {
      assertEquals(one.loss, results.get("loss").item(), 1e-4 * one.loss);
      float[] gradient = results.get("gradient").floats();
      double squares = 0;
      for (float each : gradient) squares += (double) each * each;
      assertEquals(one.norm, Math.sqrt(squares), 1e-4 * one.norm);
      float largest = SmallSteps.largest(gradient);
      for (int i = 0; i < 4; i++) {
        assertEquals(one.first4.get(i).asDouble(), gradient[FIRST_4 + i], 1e-4 * largest);
      }
    }
  }

  private static HostTensor logits(SafetensorsFile file, String name) {
    HostTensor tensor = HostTensor.zeros(ElementType.F32, LOGITS);
    file.readFloat32(name, tensor.data());
    return tensor;
  }
}
