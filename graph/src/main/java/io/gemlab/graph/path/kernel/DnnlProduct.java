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

  /** How an operand lies. */
  enum Layout {
    /** w as {@link DnnlPacking} has a piece. */
    PACKED,
    /** a as [rows, in], w as [out, in]. */
    ROWS,
    /** a as [in, rows], w as [in, out]. */
    COLUMNS
  }

  /**
   * An operand.
   *
   * @param toNext elements from one row in memory to the next; of no meaning where it is packed
   */
  record Side(Layout layout, int toNext) {
    static Side rows(int toNext) {
      return new Side(Layout.ROWS, toNext);
    }

    static Side columns(int toNext) {
      return new Side(Layout.COLUMNS, toNext);
    }
  }

  /**
   * @param rows of a
   * @param out rows of w
   */
  record Size(int rows, int in, int out) {}

  /**
   * @param toNextRow elements from one row of y to the next
   * @param added whether the product is added to what is there, in float32
   */
  record Shape(DnnlFormat format, Size size, Side a, Side w, int toNextRow, boolean added) {
    /** A product. */
    static Shape of(DnnlFormat format, Size size, Side a, Side w, int toNextRow) {
      return new Shape(format, size, a, w, toNextRow, false);
    }

    /** A product that is added to y, which is float32. */
    static Shape added(DnnlFormat format, Size size, Side a, Side w, int toNextRow) {
      return new Shape(format, size, a, w, toNextRow, true);
    }

    /** A product by a packed matrix, of rows of a that lie side by side. */
    static Shape packed(DnnlFormat format, Size size, int toNextRow) {
      return of(format, size, Side.rows(size.in()), new Side(Layout.PACKED, 0), toNextRow);
    }

    private MemorySegment describeA(DnnlScope described) {
      boolean rows = a.layout() == Layout.ROWS;
      return described.matrix(
          format.number(), size.rows(), size.in(), rows ? a.toNext() : 1, rows ? 1 : a.toNext());
    }

    /** {@code described} may own it. */
    private MemorySegment describeW(DnnlScope described) {
      return switch (w.layout()) {
        case PACKED -> DnnlPacking.layout(format, size.in(), size.out());
        case ROWS -> described.matrix(format.number(), size.in(), size.out(), 1, w.toNext());
        case COLUMNS -> described.matrix(format.number(), size.in(), size.out(), w.toNext(), 1);
      };
    }

    private MemorySegment describeY(DnnlScope described) {
      int type = added ? DnnlApi.FLOAT32 : format.product();
      return described.matrix(type, size.rows(), size.out(), toNextRow, 1);
    }
  }

  /**
   * Multiplies.
   *
   * @param left a in its layout
   * @param right w in its
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
    try (Arena arena = Arena.ofConfined();
        DnnlScope described = new DnnlScope(arena)) {
      MemorySegment source = shape.describeA(described);
      MemorySegment weights = shape.describeW(described);
      MemorySegment destination = shape.describeY(described);
      stream = kept.stream();
      primitive = kept.primitive(described.product(source, weights, destination, shape.added()));
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
