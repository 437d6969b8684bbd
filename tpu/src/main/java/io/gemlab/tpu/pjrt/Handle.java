package io.gemlab.tpu.pjrt;

import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A pointer to something of a plugin's, and who destroys it. Closing twice does nothing. */
final class Handle implements AutoCloseable {
  private final PjrtApi api;
  private final Function destroy;
  private MemorySegment pointer;

  Handle(PjrtApi api, Function destroy, MemorySegment pointer) {
    this.api = api;
    this.destroy = destroy;
    this.pointer = pointer;
  }

  /**
   * The pointer.
   *
   * @throws IllegalStateException if it was destroyed
   */
  MemorySegment get() {
    if (pointer == null) throw new IllegalStateException("used after " + destroy.cName);
    return pointer;
  }

  @Override
  public void close() {
    if (pointer == null) return;
    MemorySegment destroyed = pointer;
    pointer = null;
    try (Arena arena = Arena.ofConfined()) {
      api.on(destroy, destroyed, arena);
    }
  }
}
