package io.gemlab.graph.gemma2;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.quantize.Dequantized;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.graph.quantize.Quantizer;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.EagerAttention;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.types.TFloat32;

/** A quantized model is the dense model of the numbers that its bytes stand for, on every path. */
class QuantizedModelTest {
  private static final String FOLDER = "ckpt_f32";
  private static final Gemma2Config CONFIG = Golden.config(FOLDER);
  private static final TokenBatch BATCH = Golden.batch("C");

  static Stream<Arguments> cases() {
    return Golden.PATHS.stream()
        .flatMap(
            path ->
                Stream.of(Quantization.INT8, Quantization.INT4)
                    .map(quantization -> Arguments.of(path, quantization)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void isTheModelOfItsNumbers(ExecutionPath path, Quantization quantization) {
    float[] quantized;
    try (Executable executable = path.load(List.of(forward(quantization)));
        HfCheckpoint checkpoint = HfCheckpoint.open(golden(FOLDER))) {
      ModelWeights.load(checkpoint, model(quantization), executable, ElementType.F32);
      quantized = logits(executable);
    }
    try (Executable executable = new GraphPath().load(List.of(forward(Quantization.NONE)))) {
      Golden.loadWeights(FOLDER, executable); // the norms
      dequantize(quantization, executable);
      float[] dense = logits(executable);
      for (int i = 0; i < dense.length; i++) assertEquals(dense[i], quantized[i], 1e-3);
    }
  }

  @Test
  void isNotTrained() {
    Gemma2Model<TFloat32> model = model(Quantization.INT8);
    TrainingLoss.BatchShape batch = new TrainingLoss.BatchShape(1, 8);
    InvalidInput refused =
        assertThrows(InvalidInput.class, () -> new TrainStep<>(model, batch, new NextTokenLoss()));
    assertTrue(refused.getMessage().contains("is int8 and has no gradient"), refused.getMessage());
  }

  /** Replaces matrices by what they are when they were quantized. */
  private static void dequantize(Quantization quantization, Executable executable) {
    try (HfCheckpoint checkpoint = HfCheckpoint.open(golden(FOLDER));
        Arena arena = Arena.ofShared()) {
      for (WeightSpec weight : WeightSpec.of(CONFIG)) {
        if (weight.isNorm()) continue;
        double[] values =
            Dequantized.of(
                quantization,
                Quantizer.quantize(
                    quantization,
                    weight.name(),
                    weight.shape(),
                    checkpoint.float32(weight.name()),
                    arena));
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) floats[i] = (float) values[i];
        executable.assign(weight.name(), HostTensor.of(floats, weight.shape().toArray()));
      }
    }
  }

  private static GraphFunction forward(Quantization quantization) {
    return new ForwardPass<>(model(quantization), BATCH.rows(), BATCH.length())
        .trace("forward", ForwardPass.Returns.LOGITS_ONLY);
  }

  private static Gemma2Model<TFloat32> model(Quantization quantization) {
    return new Gemma2Model<>(
        CONFIG, OpChoice.of(new EagerAttention()), TFloat32.class, quantization);
  }

  /** The logits of real tokens. */
  private static float[] logits(Executable executable) {
    int vocabulary = CONFIG.vocabSize();
    try (Results results = executable.run("forward", BATCH.arguments())) {
      float[] all = results.get(ForwardPass.LOGITS).floats();
      int kept = 0;
      for (int m = 0; m < all.length / vocabulary; m++) {
        if (BATCH.attentionMask()[m / BATCH.length()][m % BATCH.length()] == 0) continue;
        System.arraycopy(all, m * vocabulary, all, kept++ * vocabulary, vocabulary);
      }
      return Arrays.copyOf(all, kept * vocabulary);
    }
  }
}
