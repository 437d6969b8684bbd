package io.gemlab.graph.gemma2;

import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.AttentionSpec;
import io.gemlab.ops.choice.Deviation;
import io.gemlab.ops.choice.Support;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import java.util.Optional;

/**
 * One implementation for each switchable op, and whether it may drop what it can't do.
 *
 * @param attention which attention
 * @param allowDeviation whether an attention that cannot apply the softcap may leave it out; {@link
 *     #deviation} says what was left out
 */
public record OpChoice(Attention attention, boolean allowDeviation) {
  private static final String ALLOW =
      ", or allow the deviation (--allow-deviation, or allow_deviation: true in a recipe)";

  /** {@code attention}, with nothing ever left out. */
  public static OpChoice of(Attention attention) {
    return new OpChoice(attention, false);
  }

  /**
   * What the attention will compute when asked for {@code spec}.
   *
   * @throws UnsupportedChoiceException if that is not what was asked, and no deviation is allowed
   */
  public AttentionSpec resolve(AttentionSpec spec) {
    return switch (attention.supports(spec)) {
      case Support.Supported yes -> spec;
      case Support.Unsupported refusal -> {
        if (!allowDeviation) {
          throw new UnsupportedChoiceException(
              attention.label() + " attention",
              new Support.Unsupported(refusal.reason(), refusal.remedy() + ALLOW));
        }
        yield spec.withoutSoftcap();
      }
    };
  }

  /** What {@link #resolve} left out of {@code spec}. */
  public Optional<Deviation> deviation(AttentionSpec spec) {
    return switch (attention.supports(spec)) {
      case Support.Supported yes -> Optional.empty();
      case Support.Unsupported refusal ->
          Optional.of(
              new Deviation(
                  "attention",
                  "softcap " + spec.softcap().cap().orElseThrow(),
                  "softcap dropped",
                  refusal.reason(),
                  refusal.remedy()));
    };
  }
}
