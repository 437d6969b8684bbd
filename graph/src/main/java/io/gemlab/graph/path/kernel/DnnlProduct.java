package io.gemlab.graph.path.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * oneDNN's product for one shape, {@code y[m, o] = sum over i of a[m, i] * w[o, i]}, on the thread
 * that runs it.
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
  private final MemorySegment y;
  private final MemorySegment arguments;

  /** How w lies. */
  enum Layout {
    /** As {@link DnnlPacking} has a piece. */
    PACKED,
    /** [out, in]. */
    ROWS,
    /** [in, out]. */
    COLUMNS;

    /** Its description; {@code described} may own it. */
    private MemorySegment of(Shape shape, DnnlScope described) {
      int number = shape.format().number();
      int in = shape.in();
      int out = shape.out();
      return switch (this) {
        case PACKED -> DnnlPacking.layout(shape.format(), in, out);
        case ROWS -> described.matrix(number, in, out, 1, in);
        case COLUMNS -> described.matrix(number, in, out, out, 1);
      };
    }
  }

  /**
   * @param rows of a
   * @param out rows of w
   * @param toNextOfA elements from one row of a to the next
   * @param toNextRow elements from one row of y to the next
   */
  record Shape(
      DnnlFormat format, int rows, int in, int out, Layout layout, int toNextOfA, int toNextRow) {
    /** A product by a packed matrix, of rows of a that lie side by side. */
    Shape(DnnlFormat format, int rows, int in, int out, int toNextRow) {
      this(format, rows, in, out, Layout.PACKED, in, toNextRow);
    }
  }

  /**
   * Multiplies.
   *
   * @param left a, [rows, in] with {@code toNextOfA} elements from row to row
   * @param right w in its layout
   * @param product y, [rows, out] with {@code toNextRow} elements from row to row
   */
  static void run(Shape shape, MemorySegment left, MemorySegment right, MemorySegment product) {
    DnnlApi.oneThread();
    Deque<DnnlProduct> idle = IDLE.computeIfAbsent(shape, key -> new ConcurrentLinkedDeque<>());
    DnnlProduct one = idle.poll();
    if (one == null) one = new DnnlProduct(shape);
    one.run(left, right, product);
    idle.push(one);
  }

  @SuppressWarnings("resource") // what is made here is kept
  private DnnlProduct(Shape shape) {
    DnnlScope kept = new DnnlScope(Arena.global());
    DnnlFormat format = shape.format();
    try (Arena arena = Arena.ofConfined();
        DnnlScope described = new DnnlScope(arena)) {
      MemorySegment source =
          described.matrix(format.number(), shape.rows(), shape.in(), shape.toNextOfA(), 1);
      MemorySegment weights = shape.layout().of(shape, described);
      MemorySegment destination =
          described.matrix(format.product(), shape.rows(), shape.out(), shape.toNextRow(), 1);
      stream = kept.stream();
      primitive = kept.primitive(described.product(source, weights, destination));
      a = kept.memory(source);
      w = kept.memory(weights);
      y = kept.memory(destination);
      arguments =
          kept.arguments(
              List.of(
                  new DnnlScope.Argument(DnnlApi.SOURCE, a),
                  new DnnlScope.Argument(DnnlApi.WEIGHTS, w),
                  new DnnlScope.Argument(DnnlApi.DESTINATION, y)));
    }
  }

  private void run(MemorySegment left, MemorySegment right, MemorySegment product) {
    DnnlApi.point(a, left);
    DnnlApi.point(w, right);
    DnnlApi.point(y, product);
    DnnlApi.execute(primitive, stream, ARGUMENTS, arguments);
  }
}
