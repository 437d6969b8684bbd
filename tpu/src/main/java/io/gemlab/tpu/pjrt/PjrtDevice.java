package io.gemlab.tpu.pjrt;

import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A device of a client, attached to this machine. It lives as long as its client. */
public final class PjrtDevice {
  private final MemorySegment pointer;
  private final DeviceDescription description;

  private PjrtDevice(PjrtApi api, MemorySegment pointer) {
    this.pointer = pointer;
    MemorySegment described = api.pointer(Function.DEVICE_GET_DESCRIPTION, pointer);
    description = DeviceDescription.read(api, described);
  }

  /** The devices that a function of {@code owner}'s lists. */
  static List<PjrtDevice> list(PjrtApi api, Function function, MemorySegment owner) {
    return api.pointers(function, owner).stream()
        .map(pointer -> new PjrtDevice(api, pointer))
        .toList();
  }

  MemorySegment pointer() {
    return pointer;
  }

  public DeviceDescription description() {
    return description;
  }
}
