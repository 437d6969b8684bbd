package io.gemlab.graph.base.checkpoint;

import java.lang.foreign.MemorySegment;

/**
 * The values of a tensor in order, each given out once, so that no tensor has to be in memory whole
 * to be written. One thread reads it.
 */
@FunctionalInterface
public interface Float32Stream {
  /**
   * Fills {@code target} with the next values, innermost dimension fastest.
   *
   * @param target 4 bytes a value: float32, little-endian; no more values than are left
   */
  void next(MemorySegment target);
}
