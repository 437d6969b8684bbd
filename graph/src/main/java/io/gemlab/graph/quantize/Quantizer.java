package io.gemlab.graph.quantize;

import io.gemlab.graph.base.checkpoint.Float32Tensor;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.ops.Bfloat16;
import io.gemlab.ops.matrix.Int4Matrix;
import io.gemlab.ops.matrix.Int8Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Makes quantized matrices of floating-point ones, row by row and several rows at once; beside the
 * result there are never more than a few rows in memory.
 *
 * <p>Scales are rounded to bfloat16 first and weights to integers of the rounded scale, so the
 * scale's rounding costs nothing.
 */
public final class Quantizer {
  private static final int INT8_LARGEST = 127;
  private static final int INT4_SMALLEST = -8;
  private static final int INT4_LARGEST = 7;
  private static final int HALF_BITS = 4;
  private static final int HALF_MASK = 0xf;

  private Quantizer() {}

  /** A state and its value. */
  public record State(TensorSpec spec, HostTensor value) {}

  /**
   * Quantizes a matrix.
   *
   * @param quantization any but NONE
   * @param name the weight's
   * @param shape [out, in]
   * @param source its values; rows are read in any order, by several threads
   * @param arena what the result's memory belongs to; shared
   * @return the states it is kept as, in the order of {@link Quantization#states}
   */
  public static List<State> quantize(
      Quantization quantization,
      String name,
      TensorShape shape,
      Float32Tensor source,
      Arena arena) {
    List<State> states = new ArrayList<>();
    for (TensorSpec spec : quantization.states(name, shape, ElementType.F32)) {
      states.add(new State(spec, HostTensor.zeros(spec.type(), spec.shape(), arena)));
    }
    Rows rows =
        new Rows(shape, source, states.getFirst().value().data(), states.getLast().value().data());
    LongStream all = LongStream.range(0, shape.dimensions().getFirst()).parallel();
    switch (quantization) {
      case INT8, W8A8 -> all.forEach(rows::int8);
      case INT4, W4A8 -> all.forEach(rows::int4);
      case NONE -> throw new IllegalArgumentException("there is nothing to quantize to");
    }
    return states;
  }

  /**
   * The rows of one matrix.
   *
   * @param values where integers go, row by row
   * @param scales where scales go, row by row
   */
  private record Rows(
      TensorShape shape, Float32Tensor source, MemorySegment values, MemorySegment scales) {

    void int8(long row) {
      float[] weights = read(row);
      float largest = Math.abs(weights[extreme(weights, 0, weights.length)]);
      float scale = putScale(row, largest * Int8Matrix.ONE / INT8_LARGEST);
      for (int i = 0; i < weights.length; i++) {
        int q = nearest(weights[i], scale, Int8Matrix.ONE, -INT8_LARGEST, INT8_LARGEST);
        values.set(ValueLayout.JAVA_BYTE, row * weights.length + i, (byte) q);
      }
    }

    void int4(long row) {
      float[] weights = read(row);
      int half = Int4Matrix.BLOCK / 2;
      long blocks = weights.length / Int4Matrix.BLOCK;
      for (int block = 0; block < blocks; block++) {
        int first = block * Int4Matrix.BLOCK;
        // The weight farthest from 0 becomes -8, of whatever sign it is: all 16 integers are used.
        float scale =
            putScale(
                row * blocks + block, -weights[extreme(weights, first, first + Int4Matrix.BLOCK)]);
        for (int j = 0; j < half; j++) {
          int packed =
              (int4(weights[first + j], scale) & HALF_MASK)
                  | int4(weights[first + half + j], scale) << HALF_BITS;
          values.set(ValueLayout.JAVA_BYTE, (row * blocks + block) * half + j, (byte) packed);
        }
      }
    }

    private static int int4(float weight, float scale) {
      return nearest(weight, scale, Int4Matrix.ONE, INT4_SMALLEST, INT4_LARGEST);
    }

    private static int nearest(float weight, float scale, int one, int smallest, int largest) {
      return scale == 0 ? 0 : Math.clamp(Math.round(weight / scale * one), smallest, largest);
    }

    private float[] read(long row) {
      int in = Math.toIntExact(shape.dimensions().get(1));
      float[] weights = new float[in];
      source.read(row * in, MemorySegment.ofArray(weights));
      return weights;
    }

    /** Stores a scale, and gives it as it is stored. */
    private float putScale(long at, float scale) {
      short stored = Bfloat16.fromFloat(scale);
      scales.setAtIndex(ValueLayout.JAVA_SHORT, at, stored);
      return Bfloat16.toFloat(stored);
    }

    /** Which weight is farthest from 0. */
    private static int extreme(float[] weights, int from, int to) {
      int extreme = from;
      for (int i = from; i < to; i++) {
        if (Math.abs(weights[i]) > Math.abs(weights[extreme])) extreme = i;
      }
      return extreme;
    }
  }
}
