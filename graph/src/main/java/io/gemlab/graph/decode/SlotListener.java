package io.gemlab.graph.decode;

import java.util.Optional;

/** Hears of a row in a slot. */
public interface SlotListener {
  /**
   * A new token.
   *
   * @return why the row ends with this token; empty to go on
   */
  Optional<FinishReason> next(int id);

  /** Whether the row is no longer wanted; asked while its prompt is taken in, chunk by chunk. */
  boolean isCancelled();

  /** The row has left its slot. */
  void ended(GeneratedTokens tokens);
}
