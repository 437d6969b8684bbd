package io.gemlab.graph.path.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;

/**
 * oneDNN's product of 8-bit integers for one shape, {@code sums[m, o] = sum over i of a[m, i] *
 * w[o, i]} in int32, on the thread that runs it.
 *
 * <p>Making one compiles it, so it is kept for the rest of the process's life: as many of a shape
 * as threads ever ran it at once.
 */
final class DnnlProduct {
  private static final int ARGUMENTS = 3;
  private static final Map<Shape, Deque<DnnlProduct>> IDLE = new ConcurrentHashMap<>();

  private final MemorySegment stream;
  private final MemorySegment primitive;
  private final MemorySegment a;
  private final MemorySegment w;
  private final MemorySegment arguments;
  private final MemorySegment sums;

  /**
   * @param rows of a
   * @param out rows of w
   */
  record Shape(int rows, int in, int out) {}

  /**
   * Multiplies.
   *
   * @param a int8 [rows, in]
   * @param w as {@link DnnlPacking} has a piece
   * @param use gets the sums, int32 [rows, out], and must not keep them
   */
  static void run(Shape shape, MemorySegment a, MemorySegment w, Consumer<MemorySegment> use) {
    DnnlApi.oneThread();
    Deque<DnnlProduct> idle = IDLE.computeIfAbsent(shape, key -> new ConcurrentLinkedDeque<>());
    DnnlProduct product = idle.poll();
    if (product == null) product = new DnnlProduct(shape);
    product.run(a, w);
    use.accept(product.sums);
    idle.push(product);
  }

  @SuppressWarnings("resource") // what is made here is kept
  private DnnlProduct(Shape shape) {
    DnnlScope kept = new DnnlScope(Arena.global());
    int in = shape.in();
    int out = shape.out();
    sums = Arena.global().allocate(JAVA_INT, (long) shape.rows() * out);
    try (Arena arena = Arena.ofConfined();
        DnnlScope described = new DnnlScope(arena)) {
      MemorySegment source = described.matrix(DnnlApi.INT8, shape.rows(), in, in, 1);
      MemorySegment weights = DnnlPacking.layout(in, out);
      MemorySegment destination = described.matrix(DnnlApi.INT32, shape.rows(), out, out, 1);
      stream = kept.stream();
      primitive = kept.primitive(described.product(source, weights, destination));
      a = kept.memory(source);
      w = kept.memory(weights);
      MemorySegment y = kept.memory(destination);
      DnnlApi.point(y, sums);
      arguments =
          kept.arguments(
              List.of(
                  new DnnlScope.Argument(DnnlApi.SOURCE, a),
                  new DnnlScope.Argument(DnnlApi.WEIGHTS, w),
                  new DnnlScope.Argument(DnnlApi.DESTINATION, y)));
    }
  }

  private void run(MemorySegment left, MemorySegment right) {
    DnnlApi.point(a, left);
    DnnlApi.point(w, right);
    DnnlApi.execute(primitive, stream, ARGUMENTS, arguments);
  }
}
