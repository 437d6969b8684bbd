package io.gemlab.graph.gemma2;

import io.gemlab.ops.attention.AttentionMask;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;

/**
 * Where the tokens of whole rows stand.
 *
 * @param positions_BT in their text, [B, T]; below 0 for padding, on either side
 * @param documents_BT the number of each token's document within its row, from 1; 0 for padding.
 *     Empty where a row is one text
 */
public record Places(Operand<TInt32> positions_BT, Optional<Operand<TInt32>> documents_BT) {

  /** Who sees whom. */
  AttentionMask mask(Ops tf) {
    return documents_BT
        .map(documents -> AttentionMask.ofDocuments(tf, positions_BT, documents))
        .orElseGet(() -> AttentionMask.of(positions_BT));
  }

  /** What a loop holds of them. */
  List<Operand<?>> operands() {
    List<Operand<?>> operands = new ArrayList<>();
    operands.add(positions_BT);
    documents_BT.ifPresent(operands::add);
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
        documents_BT.map(_ -> held.get(1).asOutput().expect(TInt32.class)));
  }
}
