package io.gemlab.graph.path.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A thread's memory for what a kernel computes on the way, which grows and stays. */
final class Scratch {
  private MemorySegment data = MemorySegment.NULL;

  MemorySegment of(long bytes) {
    if (data.byteSize() < bytes) data = Arena.ofAuto().allocate(bytes, Long.SIZE);
    return data;
  }
}
