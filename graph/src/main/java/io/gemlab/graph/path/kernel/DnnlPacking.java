package io.gemlab.graph.path.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How a matrix of 8-bit integers lies packed for oneDNN: in the layout that its products read
 * fastest, piece by piece, so that threads share the pieces. Plain rows are read at a third of the
 * rate (docs/results/inference.md).
 *
 * @param in elements in a row
 * @param out rows
 */
record DnnlPacking(int in, int out) {
  /** Bytes of a piece: long enough to be read fast, short enough for the second cache. */
  private static final int PIECE = 1 << 20;

  /** Pieces for each thread at least, so that one that is held up has less to do. */
  private static final int PIECES = 2;

  /** Rows that fill oneDNN's registers: pieces are whole numbers of these. */
  private static final int BLOCK = 64;

  /** Bytes that pieces begin at multiples of. */
  private static final int ALIGNMENT = 64;

  /** Rows of the product by which a layout is chosen; it is the same for more and for fewer. */
  private static final int ROWS = 16;

  private static final Map<Piece, MemorySegment> LAYOUTS = new ConcurrentHashMap<>();

  /** A piece's shape. */
  private record Piece(int in, int out) {}

  /** Rows in each piece but the last. */
  int each() {
    int shared = Math.ceilDiv(out, PIECES * Workers.SHARED.threads());
    int each = Math.min(shared, Math.max(1, PIECE / in));
    return Math.ceilDiv(each, BLOCK) * BLOCK;
  }

  /** How many pieces there are. */
  int pieces() {
    return Math.ceilDiv(out, each());
  }

  /** The first row of a piece. */
  int first(int piece) {
    return piece * each();
  }

  /** Rows of a piece. */
  int rows(int piece) {
    return Math.min(each(), out - first(piece));
  }

  /** Where a piece begins, in bytes. */
  long offset(int piece) {
    return piece == 0 ? 0 : piece * aligned(layout(in, each()));
  }

  /** Bytes of all. */
  long bytes() {
    return offset(pieces() - 1) + aligned(layout(in, rows(pieces() - 1)));
  }

  private static long aligned(MemorySegment layout) {
    return Math.ceilDiv(DnnlApi.bytes(layout), ALIGNMENT) * ALIGNMENT;
  }

  /** A piece's layout, described for the rest of the process's life. */
  static MemorySegment layout(int in, int out) {
    return LAYOUTS.computeIfAbsent(
        new Piece(in, out),
        piece -> {
          DnnlApi.oneThread();
          try (Arena arena = Arena.ofConfined();
              DnnlScope scope = new DnnlScope(arena)) {
            MemorySegment product =
                scope.product(
                    scope.matrix(DnnlApi.INT8, ROWS, in, in, 1),
                    scope.anyMatrix(DnnlApi.INT8, in, out),
                    scope.matrix(DnnlApi.INT32, ROWS, out, out, 1));
            MemorySegment chosen = DnnlApi.weightsLayout(product);
            return DnnlApi.made(at -> (int) DnnlApi.CLONE_DESCRIPTION.invokeExact(at, chosen));
          }
        });
  }

  /**
   * Packs a matrix.
   *
   * @param plain int8 [out, in]
   * @param packed {@link #bytes} of memory
   */
  void pack(MemorySegment plain, MemorySegment packed) {
    Workers.SHARED.share(
        pieces(),
        1,
        (from, to) -> {
          DnnlApi.oneThread();
          for (int piece = from; piece < to; piece++) pack(piece, plain, packed);
        });
  }

  private void pack(int piece, MemorySegment plain, MemorySegment packed) {
    int rows = rows(piece);
    try (Arena arena = Arena.ofConfined();
        DnnlScope scope = new DnnlScope(arena)) {
      // A product's columns are the matrix's rows.
      MemorySegment from = scope.matrix(DnnlApi.INT8, in, rows, 1, in);
      MemorySegment to = layout(in, rows);
      MemorySegment source = scope.memory(from);
      MemorySegment destination = scope.memory(to);
      DnnlApi.point(source, plain.asSlice((long) first(piece) * in));
      DnnlApi.point(destination, packed.asSlice(offset(piece)));
      List<DnnlScope.Argument> arguments =
          List.of(
              new DnnlScope.Argument(DnnlApi.SOURCE, source),
              new DnnlScope.Argument(DnnlApi.DESTINATION, destination));
      DnnlApi.execute(
          scope.primitive(scope.reorder(from, to)),
          scope.stream(),
          arguments.size(),
          scope.arguments(arguments));
    }
  }
}
