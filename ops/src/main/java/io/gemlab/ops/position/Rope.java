package io.gemlab.ops.position;

/**
 * The wavelengths of a rotary embedding: pair {@code i} of H/2 turns by {@code theta^(-2i/H) /
 * factor} radians a position.
 *
 * @param theta the base of the wavelengths, 10000 in Gemma 2; finite and above 0
 * @param factor what positions are divided by, so that a longer context fits into the angles that a
 *     model was trained on; 1 for nothing ("linear" scaling in Hugging Face's words)
 */
public record Rope(double theta, double factor) {
  /**
   * @throws IllegalArgumentException if one of them is not finite and above 0
   */
  public Rope {
    requirePositive("rope_theta", theta);
    requirePositive("the factor of rope_scaling", factor);
  }

  /** One whose positions are not scaled. */
  public static Rope of(double theta) {
    return new Rope(theta, 1);
  }

  /**
   * What a pair turns by.
   *
   * @param pair from 0, below H/2
   * @param headDim H
   * @return radians a position
   */
  public double frequency(int pair, int headDim) {
    return Math.pow(theta, -2.0 * pair / headDim) / factor;
  }

  private static void requirePositive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(name + " is " + value + "; give a finite number above 0");
    }
  }
}
