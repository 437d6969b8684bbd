package io.gemlab.ops.attention;

import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** An attention's graph over one row, never run: what it would compute, keep, and wait for. */
final class TracedAttention implements AutoCloseable {
  private static final Set<String> PRODUCTS = Set.of("MatMul", "BatchMatMulV2", "BatchMatMulV3");

  private final Graph graph = new Graph();

  private TracedAttention() {}

  static TracedAttention forward(Attention attention, AttentionSpec spec, int length) {
    TracedAttention traced = new TracedAttention();
    traced.build(attention, spec, length);
    return traced;
  }

  static TracedAttention forwardAndBackward(Attention attention, AttentionSpec spec, int length) {
    TracedAttention traced = new TracedAttention();
    List<Operand<TFloat32>> operands = traced.build(attention, spec, length);
    Ops tf = Ops.create(traced.graph);
    Operand<TFloat32> y = operands.getLast();
    Operand<TFloat32> dy = tf.placeholder(TFloat32.class, Placeholder.shape(y.shape()));
    tf.gradients(List.of(y), operands.subList(0, 3), Gradients.dx(List.of(dy)));
    return traced;
  }

  /** Queries, keys, values, and what is attended. */
  private List<Operand<TFloat32>> build(Attention attention, AttentionSpec spec, int length) {
    Ops tf = Ops.create(graph);
    Operand<TInt32> positions =
        tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(1, length)));
    Operand<TFloat32> q = heads(tf, length, spec.heads(), spec.headDim());
    Operand<TFloat32> k = heads(tf, length, spec.kvHeads(), spec.headDim());
    Operand<TFloat32> v = heads(tf, length, spec.kvHeads(), spec.headDim());
    return List.of(q, k, v, attention.attend(tf, spec, AttentionMask.of(positions), q, k, v));
  }

  private static Operand<TFloat32> heads(Ops tf, int length, int heads, int headDim) {
    return tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(1, length, heads, headDim)));
  }

  /** Multiplications and additions in matrix products: two for every pair of numbers that meet. */
  long productFlops() {
    return products()
        .mapToLong(
            product -> {
              Shape out = product.output(0).shape();
              return 2 * product.input(0).shape().size() * out.get(-1);
            })
        .sum();
  }

  /** Elements of the largest tensor. */
  long largestTensor() {
    return operations()
        .flatMapToLong(
            op -> LongStream.range(0, op.numOutputs()).map(i -> op.output((int) i).shape().size()))
        .max()
        .orElseThrow();
  }

  /** The most products of which each has to wait for the one before. */
  long longestChainOfProducts() {
    Map<GraphOperation, Long> lengths = new HashMap<>();
    return operations().mapToLong(op -> chainTo(op, lengths)).max().orElseThrow();
  }

  private static long chainTo(GraphOperation op, Map<GraphOperation, Long> known) {
    Long already = known.get(op);
    if (already != null) return already;
    ToLongFunction<GraphOperation> chain = earlier -> chainTo(earlier, known);
    long data =
        LongStream.range(0, op.numInputs())
            .map(i -> chain.applyAsLong((GraphOperation) op.input((int) i).op()))
            .max()
            .orElse(0);
    long control = op.controlInputs().stream().mapToLong(chain).max().orElse(0);
    long length = Math.max(data, control) + (PRODUCTS.contains(op.type()) ? 1 : 0);
    known.put(op, length);
    return length;
  }

  private Stream<GraphOperation> products() {
    return operations().filter(op -> PRODUCTS.contains(op.type()));
  }

  private Stream<GraphOperation> operations() {
    Iterator<GraphOperation> all = graph.operations();
    return Stream.generate(() -> all.hasNext() ? all.next() : null).takeWhile(op -> op != null);
  }

  @Override
  public void close() {
    graph.close();
  }
}
