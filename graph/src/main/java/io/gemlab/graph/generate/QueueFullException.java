package io.gemlab.graph.generate;

/** There are as many requests already as are kept waiting. */
public final class QueueFullException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param waiting how many wait
   */
  public QueueFullException(int waiting) {
    super(waiting + " requests wait already; try again later");
  }
}
