package io.gemlab.tpu.device;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.tpu.pjrt.PjrtBuffer;
import io.gemlab.tpu.pjrt.PjrtDownload;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

  /** Its pieces, each once, copied to the host when they are read. */
  List<TensorPiece> pieces() {
    return shards.pieces(device -> buffers.get(device).toHost());
  }

  /** Copies it to the host; the caller closes that. */
  HostTensor toHost() {
    try (Download download = startToHost()) {
      return download.await();
    }
  }

  /** Queues the copy behind what computes it, without waiting; the caller closes it. */
  Download startToHost() {
    Map<Integer, PjrtDownload> pieces = new HashMap<>();
    Download download = new Download(shards, pieces);
    try {
      for (int device : shards.holders().values()) {
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
  record Download(Shards shards, Map<Integer, PjrtDownload> pieces) implements AutoCloseable {
    /** Waits for it; the caller closes what it gets. */
    HostTensor await() {
      return TensorPiece.join(shards.pieces(device -> pieces.get(device).await()));
    }

    @Override
    public void close() {
      pieces.values().forEach(PjrtDownload::close);
    }
  }

  @Override
  public void close() {
    buffers.forEach(PjrtBuffer::close);
  }
}
