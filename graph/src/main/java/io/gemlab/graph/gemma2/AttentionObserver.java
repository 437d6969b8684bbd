package io.gemlab.graph.gemma2;

import io.gemlab.ops.attention.AttentionMask;
import io.gemlab.ops.attention.AttentionSpec;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;

/** Is shown what each layer attends by, while the layers are traced. */
@FunctionalInterface
interface AttentionObserver {
  /** Nobody looks on. */
  AttentionObserver NONE =
      new AttentionObserver() {
        @Override
        public <T extends TFloating> void attends(
            int layer,
            AttentionSpec spec,
            AttentionMask mask,
            Operand<T> q_BTNH,
            Operand<T> k_BSKH) {}
      };

  /**
   * Of one layer.
   *
   * @param q_BTNH queries, rotated
   * @param k_BSKH keys, rotated
   */
  <T extends TFloating> void attends(
      int layer, AttentionSpec spec, AttentionMask mask, Operand<T> q_BTNH, Operand<T> k_BSKH);
}
