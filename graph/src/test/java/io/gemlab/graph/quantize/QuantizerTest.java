package io.gemlab.graph.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.checkpoint.Float32Tensor;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizerTest {
  private static final int OUT = 7;
  private static final int IN = 96;

  /** A bfloat16 scale may be 2^-8 too small for the largest weight. */
  private static final double ROUNDING = 1 + 1.0 / 256;

  /** Half a step, but a whole one for int4's weights beyond 7/8 on the side without a -8. */
  @ParameterizedTest
  @CsvSource({"INT8, 254, 0.5", "INT4, 16, 1"})
  void noWeightMovesByMoreThanItsStep(Quantization quantization, int levels, double steps) {
    float[] weights = gaussian();
    double[] stored = quantized(quantization, weights);
    int block = quantization == Quantization.INT8 ? IN : 32;
    for (int i = 0; i < weights.length; i++) {
      double step = 2 * largest(weights, i / block * block, block) / levels;
      assertTrue(
          Math.abs(stored[i] - weights[i]) <= steps * step * ROUNDING + step / 100,
          quantization + " " + i + ": " + weights[i] + " became " + stored[i]);
    }
  }

  /** What is on the grid stays: zeros, a lone weight, the ends of the range. */
  @ParameterizedTest
  @EnumSource(names = {"INT8", "INT4"})
  void exactWeightsStayExact(Quantization quantization) {
    float[] weights = new float[OUT * IN];
    weights[IN] = quantization == Quantization.INT8 ? 127 : 8; // scale 128, or -8
    weights[IN + 1] = quantization == Quantization.INT8 ? -127 : -7;
    weights[IN + 2] = 1;
    weights[2 * IN + 95] = quantization == Quantization.INT8 ? -127f / 256 : -0.5f;
    double[] stored = quantized(quantization, weights);
    for (int i = 0; i < weights.length; i++) assertEquals(weights[i], stored[i], 1e-9, "at " + i);
  }

  @Test
  void memoryIsWhatTheBitsSay() {
    assertEquals(OUT * (IN + 2), bytes(Quantization.INT8));
    assertEquals(OUT * (IN / 2 + 2 * IN / 32), bytes(Quantization.INT4));
    assertEquals(OUT * IN * 2, bytes(Quantization.NONE));
  }

  @Test
  void rowsThatAreNoWholeNumberOfBlocksAreRefused() {
    InvalidInput refusal =
        assertThrows(
            InvalidInput.class,
            () -> Quantization.INT4.states("w", TensorShape.of(4, 40), ElementType.BF16));
    assertEquals(
        "int4 keeps weights in blocks of 32, and w has rows of 40; quantize to int8",
        refusal.getMessage());
  }

  private static long bytes(Quantization quantization) {
    return quantization.states("w", TensorShape.of(OUT, IN), ElementType.BF16).stream()
        .mapToLong(TensorSpec::bytes)
        .sum();
  }

  private static double[] quantized(Quantization quantization, float[] weights) {
    try (Arena arena = Arena.ofShared()) {
      Float32Tensor source = Float32Tensor.of(HostTensor.of(weights, OUT, IN).data());
      List<Quantizer.State> states =
          Quantizer.quantize(quantization, "w", TensorShape.of(OUT, IN), source, arena);
      return Dequantized.of(quantization, states);
    }
  }

  private static float[] gaussian() {
    Random random = new Random(1);
    float[] weights = new float[OUT * IN];
    for (int i = 0; i < weights.length; i++) weights[i] = (float) random.nextGaussian(0, 0.02);
    return weights;
  }

  private static double largest(float[] weights, int from, int count) {
    double largest = 0;
    for (int i = from; i < from + count; i++) largest = Math.max(largest, Math.abs(weights[i]));
    return largest;
  }
}
