package io.gemlab.ops.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.ops.choice.Support;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

class SdpaAttentionTest {
  private static final AttentionSpec CAPPED =
      new AttentionSpec(1, 1, 1, 1, Softcap.of(50), OptionalInt.empty());
  private static final String REASON =
      "fused scaled dot-product kernels cannot apply the attention softcap of 50.0";
  private static final String REMEDY =
      "choose eager or blockwise attention, or a model without the cap";

  @Test
  void refusesACapWithAReasonAndARemedy() {
    assertEquals(Support.no(REASON, REMEDY), new SdpaAttention().supports(CAPPED));
    assertEquals(Support.yes(), new SdpaAttention().supports(CAPPED.withoutSoftcap()));
  }

  @Test
  void refusesAlsoWhoDidNotAsk() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> x = tf.constant(new float[][][][] {{{{1}}}});
      AttentionMask mask = AttentionMask.of(tf.constant(new int[][] {{0}}));
      Exception refusal =
          assertThrows(
              UnsupportedChoiceException.class,
              () -> new SdpaAttention().attend(tf, CAPPED, mask, x, x, x));
      assertEquals("sdpa attention refuses: " + REASON + "; " + REMEDY, refusal.getMessage());
    }
  }

  @Test
  void theOthersHaveAPlaceForIt() {
    assertEquals(Support.yes(), new EagerAttention().supports(CAPPED));
    assertEquals(Support.yes(), BlockwiseAttention.auto().supports(CAPPED));
  }
}
