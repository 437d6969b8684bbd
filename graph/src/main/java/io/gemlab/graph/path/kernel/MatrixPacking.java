package io.gemlab.graph.path.kernel;

import java.lang.foreign.MemorySegment;

/** How a matrix lies packed, so that its products read it once from end to end. */
sealed interface MatrixPacking permits DnnlPacking, TilePacking {

  /** Rows of the matrix. */
  int out();

  /** Bytes of all. */
  long bytes();

  /** Bytes that stand for a row where a tensor has all: the last may be too long by some. */
  default long bytesPerRow() {
    return Math.ceilDiv(bytes(), out());
  }

  /**
   * Packs a matrix.
   *
   * @param plain row by row
   * @param packed {@link #bytes} of memory
   */
  void pack(MemorySegment plain, MemorySegment packed);

  /** Does the reverse of {@link #pack}. */
  void unpack(MemorySegment packed, MemorySegment plain);
}
