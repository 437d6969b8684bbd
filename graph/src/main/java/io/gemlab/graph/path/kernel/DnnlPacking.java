package io.gemlab.graph.path.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How a matrix lies packed for oneDNN: in the layout that its products read fastest, piece by
 * piece, so that threads share the pieces. Plain rows are read at a third of the rate
 * (docs/results/inference.md).
 *
 * @param in elements in a row
 * @param out rows
 */
record DnnlPacking(DnnlFormat format, int in, int out) implements MatrixPacking {
  /** Bytes of a piece: long enough to be read fast, short enough for the second cache. */
  private static final int PIECE = 1 << 20;

  /** Bytes that pieces begin at multiples of. */
  private static final int ALIGNMENT = 64;

  /** Rows of the product by which a layout is chosen; it is the same for more and for fewer. */
  private static final int ROWS = 16;

  private static final Map<Piece, MemorySegment> LAYOUTS = new ConcurrentHashMap<>();

  /** A piece's shape. */
  private record Piece(DnnlFormat format, int in, int out) {}

  /** How many pieces there are. */
  int pieces() {
    return cut().count();
  }

  /** The first row of a piece. */
  int first(int piece) {
    return cut().first(piece);
  }

  /** Rows of a piece. */
  int rows(int piece) {
    return cut().rows(piece);
  }

  private RowPieces cut() {
    return new RowPieces(in * format.bytes(), out, PIECE);
  }

  /** Where a piece begins, in bytes. */
  long offset(int piece) {
    return piece == 0 ? 0 : piece * aligned(layout(cut().each()));
  }

  @Override
  public long bytes() {
    return offset(pieces() - 1) + aligned(layout(rows(pieces() - 1)));
  }

  private MemorySegment layout(int rows) {
    return layout(format, in, rows);
  }

  private static long aligned(MemorySegment layout) {
    return Math.ceilDiv(DnnlApi.bytes(layout), ALIGNMENT) * ALIGNMENT;
  }

  /** A piece's layout, described for the rest of the process's life. */
  static MemorySegment layout(DnnlFormat format, int in, int out) {
    return LAYOUTS.computeIfAbsent(
        new Piece(format, in, out),
        piece -> {
          DnnlApi.oneThread();
          try (Arena arena = Arena.ofConfined();
              DnnlScope scope = new DnnlScope(arena)) {
            MemorySegment product =
                scope.product(
                    scope.matrix(format.number(), ROWS, in, in, 1),
                    scope.anyMatrix(format.number(), in, out),
                    scope.matrix(format.product(), ROWS, out, out, 1),
                    false);
            MemorySegment chosen = DnnlApi.weightsLayout(product);
            return DnnlApi.made(at -> (int) DnnlApi.CLONE_DESCRIPTION.invokeExact(at, chosen));
          }
        });
  }

  @Override
  public void pack(MemorySegment plain, MemorySegment packed) {
    copy(plain, packed, true);
  }

  @Override
  public void unpack(MemorySegment packed, MemorySegment plain) {
    copy(plain, packed, false);
  }

  private void copy(MemorySegment plain, MemorySegment packed, boolean pack) {
    Workers.SHARED.share(
        pieces(),
        1,
        (from, to) -> {
          DnnlApi.oneThread();
          for (int piece = from; piece < to; piece++) copy(piece, plain, packed, pack);
        });
  }

  private void copy(int piece, MemorySegment plain, MemorySegment packed, boolean pack) {
    int rows = rows(piece);
    try (Arena arena = Arena.ofConfined();
        DnnlScope scope = new DnnlScope(arena)) {
      // A product's columns are the matrix's rows.
      Side outside =
          new Side(
              scope.matrix(format.number(), in, rows, 1, in),
              plain.asSlice((long) first(piece) * in * format.bytes()));
      Side inside = new Side(layout(rows), packed.asSlice(offset(piece)));
      Side from = pack ? outside : inside;
      Side to = pack ? inside : outside;
      List<DnnlScope.Argument> arguments =
          List.of(from.as(DnnlApi.SOURCE, scope), to.as(DnnlApi.DESTINATION, scope));
      DnnlApi.execute(
          scope.primitive(scope.reorder(from.layout(), to.layout())),
          scope.stream(),
          arguments.size(),
          scope.arguments(arguments));
    }
  }

  /** A piece in one of its layouts. */
  private record Side(MemorySegment layout, MemorySegment data) {
    DnnlScope.Argument as(int argument, DnnlScope scope) {
      MemorySegment memory = scope.memory(layout);
      DnnlApi.point(memory, data);
      return new DnnlScope.Argument(argument, memory);
    }
  }
}
