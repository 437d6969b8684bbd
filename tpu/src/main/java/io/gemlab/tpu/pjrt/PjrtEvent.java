package io.gemlab.tpu.pjrt;

import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Work that a device does on its own time. */
public final class PjrtEvent implements AutoCloseable {
  private final PjrtApi api;
  private final Handle handle;

  PjrtEvent(PjrtApi api, MemorySegment pointer) {
    this.api = api;
    handle = new Handle(api, Function.EVENT_DESTROY, pointer);
  }

  /** Whether the work is done, or has failed: what tests see that calls don't wait by. */
  boolean isReady() {
    return api.flag(Function.EVENT_IS_READY, handle.get());
  }

  /**
   * Waits until the work is done.
   *
   * @throws PjrtError if it failed
   */
  public void await() {
    try (Arena arena = Arena.ofConfined()) {
      api.on(Function.EVENT_AWAIT, handle.get(), arena);
    }
  }

  @Override
  public void close() {
    handle.close();
  }
}
