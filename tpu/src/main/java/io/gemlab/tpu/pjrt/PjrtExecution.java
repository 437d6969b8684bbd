package io.gemlab.tpu.pjrt;

import java.util.List;

/**
 * A run that was started.
 *
 * @param outputs for each device, its parts of the program's outputs; the caller closes them
 * @param complete for each device, the event of its part of the run; freed by {@link #close}
 */
public record PjrtExecution(List<List<PjrtBuffer>> outputs, List<PjrtEvent> complete)
    implements AutoCloseable {
  public PjrtExecution {
    outputs = outputs.stream().map(List::copyOf).toList();
    complete = List.copyOf(complete);
  }

  /**
   * Waits for every device.
   *
   * @throws PjrtError if the run failed on one
   */
  public void await() {
    complete.forEach(PjrtEvent::await);
  }

  @Override
  public void close() {
    complete.forEach(PjrtEvent::close);
  }
}
