package io.gemlab.graph.quantize;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.ops.matrix.A8Matrix;
import io.gemlab.ops.matrix.DenseMatrix;
import io.gemlab.ops.matrix.Int4Matrix;
import io.gemlab.ops.matrix.Int8Matrix;
import io.gemlab.ops.matrix.Matrix;
import io.gemlab.ops.matrix.QuantizedMatrix;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.tensorflow.Operand;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TFloating;

/**
 * How a model's matrices, the embedding among them, are kept and multiplied. Norms and cache stay
 * in the type computed in, and so do activations but for what products round.
 */
public enum Quantization {
  /** As floating-point numbers. */
  NONE,
  /** 8 bits a weight and a scale for each output. */
  INT8,
  /** 4 bits a weight and a scale for each 32 weights of an output: 4.5 bits in all. */
  INT4,
  /** Kept as {@link #INT8}; products round what they multiply to 8 bits with a scale a row. */
  W8A8,
  /** Kept as {@link #INT4}; products round likewise. */
  W4A8;

  private static final ElementType SCALE = ElementType.BF16;

  private static final String INT8_VALUES = "/int8";
  private static final String INT4_VALUES = "/int4";
  private static final String SCALES = "/scale";

  /** The name on the command line and in reports. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** How weights are kept: the quantization that is the same but rounds no activations. */
  public Quantization weights() {
    return switch (this) {
      case NONE, INT8, INT4 -> this;
      case W8A8 -> INT8;
      case W4A8 -> INT4;
    };
  }

  /** Whether products round what they multiply to 8 bits. */
  public boolean roundsActivations() {
    return this != weights();
  }

  /**
   * The states that a matrix is kept as: values first, then scales.
   *
   * @param name the weight's
   * @param shape [out, in]; any where there is no quantization
   * @param storageType the type where there is no quantization
   * @throws InvalidInput if rows are no whole number of blocks
   */
  public List<TensorSpec> states(String name, TensorShape shape, ElementType storageType) {
    return switch (this) {
      case NONE -> List.of(new TensorSpec(name, storageType, shape));
      case INT8, W8A8 -> {
        long out = shape.dimensions().getFirst();
        yield List.of(
            new TensorSpec(name + INT8_VALUES, ElementType.U8, shape),
            new TensorSpec(name + SCALES, SCALE, TensorShape.of(out, 1)));
      }
      case INT4, W4A8 -> int4(name, shape);
    };
  }

  private static List<TensorSpec> int4(String name, TensorShape shape) {
    long out = shape.dimensions().getFirst();
    long in = shape.dimensions().getLast();
    if (in % Int4Matrix.BLOCK != 0) {
      throw new InvalidInput(
          "int4 keeps weights in blocks of %d, and %s has rows of %d; quantize to int8"
              .formatted(Int4Matrix.BLOCK, name, in));
    }
    return List.of(
        new TensorSpec(name + INT4_VALUES, ElementType.U8, TensorShape.of(out, in / 2)),
        new TensorSpec(name + SCALES, SCALE, TensorShape.of(out, in / Int4Matrix.BLOCK)));
  }

  /**
   * A matrix made of its states.
   *
   * @param tensors the states by the names that {@link #states} gives them
   * @param name the weight's
   */
  public Matrix matrix(Function<String, Operand<?>> tensors, String name) {
    return switch (this) {
      case NONE -> new DenseMatrix(Tensors.floating(tensors.apply(name)));
      case INT8 -> int8(tensors, name);
      case INT4 -> int4(tensors, name);
      case W8A8 -> new A8Matrix(int8(tensors, name));
      case W4A8 -> new A8Matrix(int4(tensors, name));
    };
  }

  private static QuantizedMatrix int8(Function<String, Operand<?>> tensors, String name) {
    return new Int8Matrix(values(tensors, name + INT8_VALUES), scales(tensors, name));
  }

  private static QuantizedMatrix int4(Function<String, Operand<?>> tensors, String name) {
    return new Int4Matrix(values(tensors, name + INT4_VALUES), scales(tensors, name));
  }

  private static Operand<TUint8> values(Function<String, Operand<?>> tensors, String state) {
    return tensors.apply(state).asOutput().expect(TUint8.class);
  }

  private static Operand<? extends TFloating> scales(
      Function<String, Operand<?>> tensors, String name) {
    return Tensors.floating(tensors.apply(name + SCALES));
  }
}
