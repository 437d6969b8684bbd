package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.regex.Pattern;

/** Values of a recipe as reports and the names of arms have them. */
public final class Level {
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE][-+]?\\d+)?");
  private static final double SMALL = 1e-6;
  private static final double LARGE = 1e9;

  private Level() {}

  /** A value; {@code default} where there is none. */
  public static String of(JsonNode value) {
    if (value.isMissingNode()) return "default";
    if (value.isNull()) return "none";
    if (value.isBoolean()) return value.booleanValue() ? "yes" : "no";
    if (value.isNumber()) return of(value.doubleValue());
    return value.isValueNode() ? value.asText() : value.toString();
  }

  /** A value as a record has it, where an earlier version may have written numbers otherwise. */
  public static String of(String recorded) {
    return NUMBER.matcher(recorded).matches() ? of(Double.parseDouble(recorded)) : recorded;
  }

  /** A number in digits where these are few, else with an exponent. */
  public static String of(double value) {
    double size = Math.abs(value);
    if (value == 0) return "0";
    if (!Double.isFinite(value) || size < SMALL || size >= LARGE) return Double.toString(value);
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }
}
