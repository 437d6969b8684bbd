package io.gemlab.experiments.merge.method;

import io.gemlab.graph.base.checkpoint.Float32Tensor;
import io.gemlab.graph.base.tensor.TensorShape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** One tensor of the result, as each input model has it. */
public final class TensorInputs {
  /** Elements of a piece: some of them of several models stay in a core's cache. */
  public static final int PIECE = 1 << 13;

  /** Looks at a piece of all inputs. */
  @FunctionalInterface
  interface Visitor {
    /**
     * @param values_MN may be overwritten
     */
    void visit(long first, int count, float[][] values_MN);
  }

  private final String name;
  private final TensorShape shape;
  private final List<Float32Tensor> tensors;
  private final OptionalInt base;
  private final Rounding rounding;
  private InnerProducts products;

  /**
   * @param name in the result
   * @param shape of each
   * @param tensors their values
   * @param base which of them is the base; empty where there is none
   * @param rounding what values are rounded to as they are read
   */
  public TensorInputs(
      String name,
      TensorShape shape,
      List<Float32Tensor> tensors,
      OptionalInt base,
      Rounding rounding) {
    this.name = name;
    this.shape = shape;
    this.tensors = List.copyOf(tensors);
    this.base = base;
    this.rounding = rounding;
  }

  String name() {
    return name;
  }

  TensorShape shape() {
    return shape;
  }

  List<Float32Tensor> tensors() {
    return tensors;
  }

  OptionalInt base() {
    return base;
  }

  Rounding rounding() {
    return rounding;
  }

  /**
   * The inner products of the whole tensors, less the base where there is one. They are found by
   * reading all inputs once, and kept, since each point of a front asks for them.
   */
  public InnerProducts products() {
    if (products == null) products = InnerProducts.of(this, Grouping.whole(shape));
    return products;
  }

  /** How many elements each has. */
  long elements() {
    return shape.elements();
  }

  /** Elements of a row, the innermost dimension; a vector is one row. */
  long rowLength() {
    return shape.rank() == 0 ? 1 : shape.dimensions().getLast();
  }

  /** The inputs that are not the base. */
  int[] models() {
    return IntStream.range(0, tensors.size())
        .filter(input -> base.isEmpty() || base.getAsInt() != input)
        .toArray();
  }

  /** The same, the base being an input like the others. */
  TensorInputs withoutBase() {
    return new TensorInputs(name, shape, tensors, OptionalInt.empty(), rounding);
  }

  /** Arrays for a piece of each. */
  public float[][] buffers() {
    return new float[tensors.size()][PIECE];
  }

  /** Reads a piece of all of them. */
  public void read(long first, int count, float[][] target_MN) {
    for (int input = 0; input < target_MN.length; input++) {
      read(input, first, count, target_MN[input]);
    }
  }

  /** Reads a piece of one of them. */
  void read(int input, long first, int count, float[] target_N) {
    MemorySegment target = MemorySegment.ofArray(target_N).asSlice(0, (long) count * Float.BYTES);
    tensors.get(input).read(first, target);
    rounding.round(target_N, count);
  }

  /** Shows all pieces in order. */
  void forEachPiece(Visitor visitor) {
    float[][] values_MN = buffers();
    for (long first = 0; first < elements(); first += PIECE) {
      int count = (int) Math.min(PIECE, elements() - first);
      read(first, count, values_MN);
      visitor.visit(first, count, values_MN);
    }
  }
}
