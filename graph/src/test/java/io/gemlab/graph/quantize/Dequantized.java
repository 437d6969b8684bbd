package io.gemlab.graph.quantize;

import io.gemlab.graph.base.tensor.HostTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The numbers that a quantized matrix stands for, read from its bytes in float64. */
public final class Dequantized {
  private Dequantized() {}

  /** Row by row. */
  public static double[] of(Quantization quantization, List<Quantizer.State> states) {
    HostTensor values = states.getFirst().value();
    HostTensor scales = states.getLast().value();
    return switch (quantization) {
      case INT8, W8A8 -> int8(values, scales);
      case INT4, W4A8 -> int4(values, scales);
      case NONE -> throw new IllegalArgumentException("nothing is quantized");
    };
  }

  private static double[] int8(HostTensor values, HostTensor scales) {
    int in = Math.toIntExact(values.shape().dimensions().get(1));
    double[] weights = new double[Math.toIntExact(values.data().byteSize())];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = scale(scales, i / in) * values.data().get(ValueLayout.JAVA_BYTE, i) / 128;
    }
    return weights;
  }

  private static double[] int4(HostTensor values, HostTensor scales) {
    MemorySegment bytes = values.data();
    double[] weights = new double[Math.toIntExact(2 * bytes.byteSize())];
    for (int i = 0; i < weights.length; i++) {
      int block = i / 32;
      int inBlock = i % 32;
      byte packed = bytes.get(ValueLayout.JAVA_BYTE, 16L * block + inBlock % 16);
      int unsigned = inBlock < 16 ? packed & 15 : packed >> 4 & 15;
      int q = unsigned < 8 ? unsigned : unsigned - 16;
      weights[i] = scale(scales, block) * q / 8;
    }
    return weights;
  }

  private static double scale(HostTensor scales, int at) {
    short bfloat16 = scales.data().getAtIndex(ValueLayout.JAVA_SHORT, at);
    return Float.intBitsToFloat(bfloat16 << 16);
  }
}
