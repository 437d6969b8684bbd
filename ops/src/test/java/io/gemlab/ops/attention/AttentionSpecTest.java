package io.gemlab.ops.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionSpecTest {
  private static final String HEADS =
      " attention heads over %s key-value heads;"
          + " num_attention_heads must be a multiple of num_key_value_heads";

  @Test
  void groupsAreQueryHeadsAKeyValueHead() {
    assertEquals(4, spec(8, 2, 16, 0.25, 4).groups());
  }

  @Test
  void withoutSoftcapKeepsTheRest() {
    AttentionSpec capped = new AttentionSpec(8, 2, 16, 0.25, Softcap.of(50), OptionalInt.of(4));
    assertEquals(spec(8, 2, 16, 0.25, 4), capped.withoutSoftcap());
  }

  @ParameterizedTest
  @CsvSource({"8, 3", "2, 4", "0, 1", "4, 0", "-4, -2", "-4, 2"})
  void refusesHeadsThatDoNotDivide(int heads, int kvHeads) {
    refuses(heads + HEADS.formatted(kvHeads), () -> spec(heads, kvHeads, 4, 1, 4));
  }

  @ParameterizedTest
  @CsvSource({"0", "-4"})
  void refusesAHeadWithoutNumbers(int headDim) {
    refuses("head_dim is " + headDim + "; give a number above 0", () -> spec(4, 2, headDim, 1, 4));
  }

  @ParameterizedTest
  @CsvSource({"0", "-1", "NaN", "Infinity"})
  void refusesAScaleThatIsNone(double scale) {
    refuses(
        "the score scale is " + scale + "; query_pre_attn_scalar must be finite and above 0",
        () -> spec(4, 2, 4, scale, 4));
  }

  @ParameterizedTest
  @CsvSource({"0", "-4096"})
  void refusesAWindowThatSeesNothing(int window) {
    refuses(
        "sliding_window is " + window + "; give a number above 0", () -> spec(4, 2, 4, 1, window));
  }

  private static AttentionSpec spec(int heads, int kvHeads, int headDim, double scale, int window) {
    return new AttentionSpec(
        heads, kvHeads, headDim, scale, Softcap.none(), OptionalInt.of(window));
  }

  private static void refuses(String message, Runnable asked) {
    Exception refusal = assertThrows(IllegalArgumentException.class, asked::run);
    assertEquals(message, refusal.getMessage());
  }
}
