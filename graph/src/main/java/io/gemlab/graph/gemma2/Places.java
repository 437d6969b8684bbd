package io.gemlab.graph.gemma2;

import io.gemlab.ops.attention.AttentionMask;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;

/**
 * Where the tokens of whole rows stand.
 *
 * @param positions_BT in their text, [B, T]; below 0 for padding, on either side
 * @param sharing what else shares their row
 */
public record Places(Operand<TInt32> positions_BT, Sharing sharing) {

  /** What a row holds. */
  public sealed interface Sharing {
    /** One text. */
    record None() implements Sharing {}

    /**
     * Documents one after the other.
     *
     * @param numbers_BT each token's within its row, from 1; 0 for padding
     */
    record Documents(Operand<TInt32> numbers_BT) implements Sharing {}

    /**
     * Texts that share beginnings.
     *
     * @param ends_BT as {@link AttentionMask#ofBranches} takes them
     */
    record Branches(Operand<TInt32> ends_BT) implements Sharing {}
  }

  /** Who sees whom. */
  AttentionMask mask(Ops tf) {
    return switch (sharing) {
      case Sharing.None _ -> AttentionMask.of(positions_BT);
      case Sharing.Documents documents ->
          AttentionMask.ofDocuments(tf, positions_BT, documents.numbers_BT());
      case Sharing.Branches branches -> AttentionMask.ofBranches(positions_BT, branches.ends_BT());
    };
  }

  /** What a loop holds of them. */
  List<Operand<?>> operands() {
    List<Operand<?>> operands = new ArrayList<>();
    operands.add(positions_BT);
    switch (sharing) {
      case Sharing.None _ -> {}
      case Sharing.Documents documents -> operands.add(documents.numbers_BT());
      case Sharing.Branches branches -> operands.add(branches.ends_BT());
    }
    return operands;
  }

  /**
   * The same inside a loop.
   *
   * @param held what the loop holds, {@link #operands} first
   */
  Places inside(List<Operand<?>> held) {
    return new Places(
        held.getFirst().asOutput().expect(TInt32.class),
        switch (sharing) {
          case Sharing.None none -> none;
          case Sharing.Documents _ ->
              new Sharing.Documents(held.get(1).asOutput().expect(TInt32.class));
          case Sharing.Branches _ ->
              new Sharing.Branches(held.get(1).asOutput().expect(TInt32.class));
        });
  }
}
