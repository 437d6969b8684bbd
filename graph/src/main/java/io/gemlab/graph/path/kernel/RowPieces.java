package io.gemlab.graph.path.kernel;

/**
 * A matrix's rows cut into pieces that threads share, for oneDNN to multiply by.
 *
 * @param rowBytes of a row
 * @param rows how many
 * @param most bytes of a piece
 */
record RowPieces(int rowBytes, int rows, int most) {
  /** Pieces for each thread at least, so that one that is held up has less to do. */
  private static final int PIECES = 2;

  /** Rows that fill oneDNN's registers: pieces are whole numbers of these. */
  private static final int BLOCK = 64;

  /** Rows in each piece but the last. */
  int each() {
    int shared = Math.ceilDiv(rows, PIECES * Workers.SHARED.threads());
    int each = Math.min(shared, Math.max(1, most / rowBytes));
    return Math.ceilDiv(each, BLOCK) * BLOCK;
  }

  /**
   * How many pieces there are. Rows that fill no block are the last one's: oneDNN takes columns of
   * y, one wide, for a matrix without gaps.
   */
  int count() {
    return Math.max(1, Math.ceilDiv(rows - BLOCK + 1, each()));
  }

  /** The first row of a piece. */
  int first(int piece) {
    return piece * each();
  }

  /** Rows of a piece. */
  int rows(int piece) {
    return piece == count() - 1 ? rows - first(piece) : each();
  }
}
