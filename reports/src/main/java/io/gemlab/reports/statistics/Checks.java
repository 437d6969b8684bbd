package io.gemlab.reports.statistics;

import java.util.List;

/** Checks that several statistics make of what they are given. */
public final class Checks {
  private Checks() {}

  public static void named(String what, String name) {
    if (name.isBlank()) throw new IllegalArgumentException(what + " has no name; give it one");
  }

  public static void finite(String what, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          what
              + " is "
              + value
              + "; leave out runs that did not end with a finite number, and report them");
    }
  }

  /** The values as an array, all of them finite. */
  public static double[] finite(String what, List<Double> values) {
    double[] array = values.stream().mapToDouble(Double::doubleValue).toArray();
    for (int i = 0; i < array.length; i++) {
      finite(what + ": value " + (i + 1) + " of " + array.length, array[i]);
    }
    return array;
  }
}
