package io.gemlab.experiments.recipe;

import io.gemlab.graph.base.input.InvalidInput;

/** Checks of a recipe's values; whoever reads the recipe adds the place. */
public final class Require {
  private Require() {}

  /**
   * @throws InvalidInput if it is not a finite number above 0
   */
  public static void positive(String key, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new InvalidInput(key + " is " + value + "; give a number above 0");
    }
  }

  /**
   * @throws InvalidInput if it is not above 0
   */
  public static void positive(String key, int value) {
    if (value <= 0) throw new InvalidInput(key + " is " + value + "; give a number above 0");
  }

  /**
   * @throws InvalidInput if it is not between 0 and 1
   */
  public static void fraction(String key, double value) {
    if (!(value > 0 && value < 1)) {
      throw new InvalidInput(key + " is " + value + "; give a fraction between 0 and 1");
    }
  }
}
