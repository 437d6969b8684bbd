package io.gemlab.experiments.merge.recipe;

import java.math.BigDecimal;

/**
 * One of the models that a front is.
 *
 * @param parameter what tells it from the others, such as {@code eta}
 */
public record FrontPoint(String parameter, double value) {
  /** The folder that it gets within the result, such as {@code eta-0.3}. */
  public String folder() {
    return parameter + "-" + text();
  }

  /** Its value without an exponent. */
  public String text() {
    BigDecimal shortest = BigDecimal.valueOf(value);
    return shortest.signum() == 0 ? "0" : shortest.stripTrailingZeros().toPlainString();
  }
}
