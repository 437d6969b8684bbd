package io.gemlab.reports;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Numbers as a reader sees them, in charts, tables and sentences: {@code 2.413}, {@code −0.012},
 * {@code 12,345}, {@code 1.2×10⁻⁵}. The same number gives the same text under every locale. A
 * script reads {@code report.json} instead, which has them as numbers.
 */
public final class Numbers {
  /** Digits that {@link #plain} keeps: enough to compare, few enough to read. */
  private static final int PLAIN_DIGITS = 4;

  /** Outside [10^-4, 10^7) a decimal has more zeros than digits, and powers of ten read better. */
  private static final int SMALLEST_EXPONENT = -4;

  private static final int LARGEST_EXPONENT = 6;
  private static final String SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  private Numbers() {}

  /** The number with four significant digits: {@link #significant} for most places. */
  public static String plain(double value) {
    return significant(value, PLAIN_DIGITS);
  }

  /**
   * The number with at least {@code digits} significant digits; digits before the decimal point are
   * never rounded away ({@code 12,346}, not {@code 12,300}).
   *
   * @param value any double; not a number and the infinities are written NaN, ∞ and −∞
   * @param digits 1 or more
   */
  public static String significant(double value, int digits) {
    if (digits < 1) throw new IllegalArgumentException("digits is " + digits + "; give 1 or more");
    if (!Double.isFinite(value)) return notFinite(value);
    if (value == 0) return "0";
    BigDecimal rounded = round(BigDecimal.valueOf(value), digits);
    int exponent = exponent(rounded);
    if (exponent < SMALLEST_EXPONENT || exponent > LARGEST_EXPONENT) {
      return scientific(rounded, digits);
    }
    return decimals(value, Math.max(0, digits - 1 - exponent));
  }

  /**
   * The number with as many digits as it has, at most twelve: for numbers that people chose, such
   * as a length or a mark on an axis.
   */
  public static String exact(double value) {
    if (!Double.isFinite(value)) return notFinite(value);
    BigDecimal digits = round(BigDecimal.valueOf(value), 12).stripTrailingZeros();
    if (digits.signum() == 0) return "0";
    int exponent = exponent(digits);
    if (exponent < SMALLEST_EXPONENT || exponent > LARGEST_EXPONENT) {
      return scientific(digits, digits.precision());
    }
    return decimals(digits.doubleValue(), Math.max(0, digits.scale()));
  }

  /**
   * The number with exactly {@code decimals} digits after the decimal point.
   *
   * @param value any double; not a number and the infinities are written NaN, ∞ and −∞
   * @param decimals 0 or more
   */
  public static String decimals(double value, int decimals) {
    if (decimals < 0) {
      throw new IllegalArgumentException("decimals is " + decimals + "; give 0 or more");
    }
    if (!Double.isFinite(value)) return notFinite(value);
    BigDecimal rounded = BigDecimal.valueOf(value).setScale(decimals, RoundingMode.HALF_EVEN);
    String plain = rounded.abs().toPlainString();
    int point = plain.indexOf('.');
    String whole = point < 0 ? plain : plain.substring(0, point);
    String fraction = point < 0 ? "" : plain.substring(point);
    return (rounded.signum() < 0 ? "−" : "") + grouped(whole) + fraction;
  }

  /**
   * How many decimals a value deserves whose uncertainty is {@code uncertainty}: those that show
   * two significant digits of it, at most twelve.
   *
   * @param uncertainty in the value's unit, such as half the width of a confidence interval; finite
   *     and positive
   */
  public static int decimalsFor(double uncertainty) {
    if (!(uncertainty > 0) || Double.isInfinite(uncertainty)) {
      throw new IllegalArgumentException(
          "uncertainty is " + uncertainty + "; give a finite positive number");
    }
    int exponent = exponent(round(BigDecimal.valueOf(uncertainty), 2));
    return Math.clamp(1 - exponent, 0, 12);
  }

  /**
   * How many decimals values under each other deserve, whose uncertainties range from one to the
   * other: those that show two significant digits of the larger, and one at least of the smaller.
   */
  public static int decimalsFor(double uncertainty, double other) {
    int coarse = decimalsFor(Math.max(uncertainty, other));
    int fine = decimalsFor(Math.min(uncertainty, other));
    return Math.max(coarse, fine - 1);
  }

  /** A p-value: {@code 0.012}, or {@code <0.001} below that. */
  public static String pValue(double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("p-value is " + p + "; it lies in [0, 1]");
    }
    return p < 0.001 ? "<0.001" : decimals(p, 3);
  }

  /** The exponent of the leading digit: 2 for 345, -3 for 0.0012. */
  private static int exponent(BigDecimal value) {
    return value.precision() - value.scale() - 1;
  }

  private static BigDecimal round(BigDecimal value, int digits) {
    return value.round(new MathContext(digits, RoundingMode.HALF_EVEN));
  }

  private static String scientific(BigDecimal rounded, int digits) {
    int exponent = exponent(rounded);
    BigDecimal mantissa = rounded.scaleByPowerOfTen(-exponent);
    String digitsText = decimals(mantissa.doubleValue(), digits - 1);
    StringBuilder power = new StringBuilder(exponent < 0 ? "⁻" : "");
    for (char digit : Integer.toString(Math.abs(exponent)).toCharArray()) {
      power.append(SUPERSCRIPT.charAt(digit - '0'));
    }
    return digitsText + "×10" + power;
  }

  /** Thousands apart from five digits on: 1024 stays, 65,536 is easier to read. */
  private static String grouped(String whole) {
    if (whole.length() < 5) return whole;
    StringBuilder text = new StringBuilder(whole);
    for (int at = whole.length() - 3; at > 0; at -= 3) text.insert(at, ',');
    return text.toString();
  }

  private static String notFinite(double value) {
    if (Double.isNaN(value)) return "NaN";
    return value > 0 ? "∞" : "−∞";
  }
}
