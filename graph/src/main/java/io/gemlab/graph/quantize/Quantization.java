package io.gemlab.graph.quantize;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.matrix.DenseMatrix;
import io.gemlab.ops.matrix.Int4Matrix;
import io.gemlab.ops.matrix.Int8Matrix;
import io.gemlab.ops.matrix.Matrix;
import java.util.List;
import java.util.Locale;
import org.tensorflow.Operand;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TFloating;

/**
 * How a model's matrices, the embedding among them, are kept. Weights only: activations, norms and
 * cache stay in the type computed in.
 */
public enum Quantization {
  /** As floating-point numbers. */
  NONE,
  /** 8 bits a weight and a scale for each output. */
  INT8,
  /** 4 bits a weight and a scale for each 32 weights of an output: 4.5 bits in all. */
  INT4;

  private static final ElementType SCALE = ElementType.BF16;

  /** The name on the command line and in reports. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The states that a matrix is kept as: values first, then scales.
   *
   * @param name the weight's
   * @param shape [out, in]
   * @param kept the type where there is no quantization
   * @throws InvalidInput if rows are no whole number of blocks
   */
  public List<TensorSpec> states(String name, TensorShape shape, ElementType kept) {
    long out = shape.dimensions().get(0);
    long in = shape.dimensions().get(1);
    return switch (this) {
      case NONE -> List.of(new TensorSpec(name, kept, shape));
      case INT8 ->
          List.of(
              new TensorSpec(name + "/int8", ElementType.U8, shape),
              new TensorSpec(name + "/scale", SCALE, TensorShape.of(out, 1)));
      case INT4 -> {
        if (in % Int4Matrix.BLOCK != 0) {
          throw new InvalidInput(
              "int4 keeps weights in blocks of %d, and %s has rows of %d; quantize to int8"
                  .formatted(Int4Matrix.BLOCK, name, in));
        }
        yield List.of(
            new TensorSpec(name + "/int4", ElementType.U8, TensorShape.of(out, in / 2)),
            new TensorSpec(name + "/scale", SCALE, TensorShape.of(out, in / Int4Matrix.BLOCK)));
      }
    };
  }

  /**
   * A matrix in a trace, its states declared.
   *
   * @param kept the type where there is no quantization
   */
  public Matrix matrix(
      Trace trace, String name, TensorShape shape, Class<? extends TFloating> kept) {
    return switch (this) {
      case NONE -> new DenseMatrix(trace.state(name, kept, shape));
      case INT8 -> new Int8Matrix(values(trace, name, shape), scales(trace, name, shape));
      case INT4 -> new Int4Matrix(values(trace, name, shape), scales(trace, name, shape));
    };
  }

  private Operand<TUint8> values(Trace trace, String name, TensorShape shape) {
    TensorSpec values = states(name, shape, SCALE).getFirst();
    return trace.state(values.name(), TUint8.class, values.shape());
  }

  private Operand<TBfloat16> scales(Trace trace, String name, TensorShape shape) {
    TensorSpec scales = states(name, shape, SCALE).getLast();
    return trace.state(scales.name(), TBfloat16.class, scales.shape());
  }
}
