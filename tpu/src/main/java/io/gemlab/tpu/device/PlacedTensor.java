package io.gemlab.tpu.device;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.tpu.pjrt.PjrtBuffer;
import io.gemlab.tpu.pjrt.PjrtDownload;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A tensor on devices.
 *
 * @param shards how it lies there
 * @param buffers the piece of each device of this host, by the device's number
 */
record PlacedTensor(Shards shards, SortedMap<Integer, PjrtBuffer> buffers)
    implements AutoCloseable {

  /** Its pieces on this host, each once, copied to the host when they are read. */
  List<TensorPiece> pieces() {
    return shards.pieces(buffers.keySet(), device -> buffers.get(device).toHost());
  }

  /** Copies it to the host; the caller closes that. */
  HostTensor toHost() {
    try (Download download = startToHost()) {
      return download.await();
    }
  }

  /** Queues the copy behind what computes it, without waiting; the caller closes it. */
  Download startToHost() {
    SortedMap<Integer, PjrtDownload> pieces = new TreeMap<>();
    Download download = new Download(shards, pieces);
    try {
      for (int device : shards.holders(buffers.keySet()).values()) {
        pieces.put(device, buffers.get(device).startToHost());
      }
      return download;
    } catch (RuntimeException e) {
      download.close();
      throw e;
    }
  }

  /**
   * The tensor on its way to the host.
   *
   * @param pieces by the device that each comes from
   */
  record Download(Shards shards, SortedMap<Integer, PjrtDownload> pieces) implements AutoCloseable {
    /** Waits for it; the caller closes what it gets. */
    HostTensor await() {
      return TensorPiece.join(shards.pieces(pieces.keySet(), device -> pieces.get(device).await()));
    }

    @Override
    public void close() {
      pieces.values().forEach(PjrtDownload::close);
    }
  }

  @Override
  public void close() {
    buffers.values().forEach(PjrtBuffer::close);
  }
}
