package io.gemlab.tpu.pjrt;

import io.gemlab.graph.base.tensor.HostTensor;

/** A tensor on its way to the host. */
public final class PjrtDownload implements AutoCloseable {
  private final HostTensor host;
  private final PjrtEvent copied;
  private boolean taken;

  PjrtDownload(HostTensor host, PjrtEvent copied) {
    this.host = host;
    this.copied = copied;
  }

  /**
   * Waits for the elements.
   *
   * @return the caller closes it
   * @throws PjrtError if the execution that should have made them failed
   */
  public HostTensor await() {
    copied.await();
    taken = true;
    return host;
  }

  /** Frees what nobody took, once nothing is written to it any more. */
  @Override
  public void close() {
    if (!taken) {
      try {
        copied.await();
      } catch (PjrtError failed) {
        // Nothing was taken, so nobody has to know that there is nothing to take.
      }
      host.close();
    }
    copied.close();
  }
}
