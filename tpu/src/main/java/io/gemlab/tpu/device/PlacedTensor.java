package io.gemlab.tpu.device;

import io.gemlab.graph.tensor.HostTensor;
import io.gemlab.tpu.pjrt.PjrtBuffer;
import java.util.List;

/**
 * A tensor on devices.
 *
 * @param shards how it lies there
 * @param buffers each device's piece
 */
record PlacedTensor(Shards shards, List<PjrtBuffer> buffers) implements AutoCloseable {
  PlacedTensor {
    buffers = List.copyOf(buffers);
  }

  /** Copies it to the host; the caller closes that. */
  HostTensor toHost() {
    return shards.join(device -> buffers.get(device).toHost());
  }

  @Override
  public void close() {
    buffers.forEach(PjrtBuffer::close);
  }
}
