package io.gemlab.tpu.device;

import io.gemlab.graph.tensor.HostTensor;
import io.gemlab.tpu.pjrt.PjrtBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tensors kept on a device by name. */
public final class DeviceState implements AutoCloseable {
  private final Device device;
  private final Map<String, PjrtBuffer> buffers = new HashMap<>();

  public DeviceState(Device device) {
    this.device = device;
  }

  /** Copies a value to the device, in place of the one before. */
  public void assign(String name, HostTensor value) {
    // First the old one goes: two of the largest state may not fit.
    release(List.of(name));
    buffers.put(name, device.put(value));
  }

  /** Whether a state has a value. */
  public boolean has(String name) {
    return buffers.containsKey(name);
  }

  /**
   * Copies a value to the host; the caller closes it.
   *
   * @throws IllegalStateException if it has none
   */
  public HostTensor read(String name) {
    return buffer(name).toHost();
  }

  /** Frees values; names that have none are left out. */
  public void release(Collection<String> names) {
    for (String name : names) {
      PjrtBuffer buffer = buffers.remove(name);
      if (buffer != null) buffer.close();
    }
  }

  PjrtBuffer buffer(String name) {
    PjrtBuffer buffer = buffers.get(name);
    if (buffer == null) throw new IllegalStateException("state " + name + " was not assigned");
    return buffer;
  }

  /** Makes an output the next value; what it took the memory of is gone. */
  void replace(String name, PjrtBuffer next) {
    PjrtBuffer before = buffers.put(name, next);
    if (before != null) before.close();
  }

  @Override
  public void close() {
    buffers.values().forEach(PjrtBuffer::close);
    buffers.clear();
  }
}
