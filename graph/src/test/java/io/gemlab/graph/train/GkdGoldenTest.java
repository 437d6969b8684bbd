package io.gemlab.graph.train;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.loss.GeneralizedJsd;
import io.gemlab.ops.loss.LossSum;
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
import org.tensorflow.types.TInt32;

/**
 * The distillation loss against TRL's {@code generalized_jsd_loss}: every beta, temperature and way
 * to average of {@code gkd.json}, the loss and its gradient within 1e-4.
 */
class GkdGoldenTest {
  private static final JsonNode CASES = JsonFile.readObject(golden("gkd.json")).get("cases");
  private static final TensorShape LOGITS = TensorShape.of(2, 7, 33);
  private static final int ROWS = 2;
  private static final int POSITIONS = 14;

  /** {@code grad_first4} is of row 0, position 3. */
  private static final int FIRST_4 = 3 * 33;

  private static Executable executable;
  private static Map<String, HostTensor> arguments;

  static List<JsonNode> cases() {
    List<JsonNode> cases = new ArrayList<>();
    CASES.forEach(cases::add);
    return cases;
  }

  @BeforeAll
  static void load() {
    executable = new GraphPath().load(cases().stream().map(GkdGoldenTest::trace).toList());
    try (SafetensorsFile file = SafetensorsFile.open(golden("gkd.safetensors"))) {
      MemorySegment labels = file.segment("labels");
      int[] ints = new int[POSITIONS];
      for (int i = 0; i < POSITIONS; i++) {
        ints[i] = Math.toIntExact(labels.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, (long) i));
      }
      arguments =
          Map.of(
              "student", logits(file, "student_logits"),
              "teacher", logits(file, "teacher_logits"),
              "labels", HostTensor.of(ints, POSITIONS));
    }
  }

  @AfterAll
  static void close() {
    executable.close();
    arguments.values().forEach(HostTensor::close);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTrl(JsonNode golden) {
    try (Results results = executable.run(name(golden), arguments)) {
      double loss = golden.get("loss_f64").asDouble();
      assertEquals(loss, results.get("loss").item(), 1e-4 * loss);

      float[] gradient = results.get("gradient").floats();
      double squares = 0;
      double largest = 0;
      for (float one : gradient) {
        squares += (double) one * one;
        largest = Math.max(largest, Math.abs(one));
      }
      double norm = golden.get("grad_norm_f32").asDouble();
      assertEquals(norm, Math.sqrt(squares), 1e-4 * norm);
      for (int i = 0; i < 4; i++) {
        double want = golden.get("grad_first4").get(i).asDouble();
        assertEquals(want, gradient[FIRST_4 + i], 1e-4 * largest);
      }
    }
  }

  private static GraphFunction trace(JsonNode golden) {
    GeneralizedJsd jsd =
        new GeneralizedJsd(
            golden.get("beta").asDouble(), new Temperature(golden.get("temperature").asDouble()));
    try (Trace trace = new Trace(name(golden))) {
      Ops tf = trace.ops();
      Operand<TFloat32> student = trace.argument("student", TFloat32.class, LOGITS);
      Operand<TFloat32> teacher = trace.argument("teacher", TFloat32.class, LOGITS);
      Operand<TInt32> labels = trace.argument("labels", TInt32.class, TensorShape.of(POSITIONS));
      Operand<TFloat32> loss_M = jsd.apply(tf, rows(tf, student), rows(tf, teacher));
      Operand<TFloat32> loss =
          golden.get("labels").asBoolean()
              ? LossSum.of(tf, loss_M, labels).mean(tf)
              : tf.math.div(tf.sum(loss_M, tf.constant(0)), tf.constant((float) ROWS));
      trace.result("loss", loss);
      trace.result("gradient", tf.gradients(loss, List.of(student)).<TFloat32>dy(0));
      return trace.finish();
    }
  }

  private static Operand<TFloat32> rows(Ops tf, Operand<TFloat32> logits) {
    return tf.reshape(logits, tf.constant(new int[] {POSITIONS, -1}));
  }

  private static HostTensor logits(SafetensorsFile file, String name) {
    HostTensor tensor = HostTensor.zeros(ElementType.F32, LOGITS);
    file.readFloat32(name, tensor.data());
    return tensor;
  }

  private static String name(JsonNode golden) {
    return "beta_%s_temperature_%s_labels_%s"
        .formatted(golden.get("beta"), golden.get("temperature"), golden.get("labels"));
  }
}
