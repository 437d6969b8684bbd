package io.gemlab.experiments.merge.method;

import java.util.OptionalDouble;

/**
 * A parameter of a method.
 *
 * @param name as recipes have it
 * @param scope whose it is
 * @param kind of its values; a flag is 1 for true and 0 for false
 * @param standard what it is where a recipe gives nothing; empty where a recipe must give it
 * @param least smallest value
 * @param most largest value
 * @param meaning a sentence
 */
public record Parameter(
    String name,
    Scope scope,
    Kind kind,
    OptionalDouble standard,
    double least,
    double most,
    String meaning) {
  /** Whose a parameter is. */
  public enum Scope {
    /** Of the merge. */
    MERGE,
    /** Of each model; what a recipe gives for the merge is each model's that has none. */
    MODEL,
    /** Of each point of a front: for each that a recipe lists the whole result is written. */
    POINT
  }

  /** What values are. */
  public enum Kind {
    NUMBER("a number"),
    INTEGER("a whole number"),
    FLAG("true or false");

    private final String what;

    Kind(String what) {
      this.what = what;
    }

    /** With its article. */
    public String what() {
      return what;
    }
  }

  /** A number of the merge that has a standard value. */
  static Parameter number(String name, double standard, double least, double most, String meaning) {
    return new Parameter(
        name, Scope.MERGE, Kind.NUMBER, OptionalDouble.of(standard), least, most, meaning);
  }

  /** Any number of the merge, which a recipe must give. */
  static Parameter required(String name, String meaning) {
    return new Parameter(
        name,
        Scope.MERGE,
        Kind.NUMBER,
        OptionalDouble.empty(),
        Double.NEGATIVE_INFINITY,
        Double.POSITIVE_INFINITY,
        meaning);
  }

  /** A switch of the merge. */
  static Parameter flag(String name, boolean standard, String meaning) {
    return new Parameter(
        name, Scope.MERGE, Kind.FLAG, OptionalDouble.of(standard ? 1 : 0), 0, 1, meaning);
  }

  /** A number of each model that has a standard value. */
  static Parameter ofModel(
      String name, double standard, double least, double most, String meaning) {
    return new Parameter(
        name, Scope.MODEL, Kind.NUMBER, OptionalDouble.of(standard), least, most, meaning);
  }

  /** A number of each point of a front, of which a recipe must give one or more. */
  static Parameter ofPoint(String name, double least, double most, String meaning) {
    return new Parameter(
        name, Scope.POINT, Kind.NUMBER, OptionalDouble.empty(), least, most, meaning);
  }

  /** The share of a model, which a recipe must give. */
  static Parameter weight() {
    return new Parameter(
        "weight",
        Scope.MODEL,
        Kind.NUMBER,
        OptionalDouble.empty(),
        Double.NEGATIVE_INFINITY,
        Double.POSITIVE_INFINITY,
        "the model's share");
  }

  /** Whether a value is finite, in its range, and whole where it must be. */
  public boolean allows(double value) {
    return Double.isFinite(value)
        && value >= least
        && value <= most
        && (kind != Kind.INTEGER || value == Math.rint(value));
  }

  /** Completes "give ...", such as {@code a number from 0 to 1}. */
  public String wanted() {
    if (kind == Kind.FLAG || Double.isInfinite(least) && Double.isInfinite(most)) {
      return kind.what();
    }
    return Double.isInfinite(most)
        ? "%s of %s or more".formatted(kind.what(), text(least))
        : "%s from %s to %s".formatted(kind.what(), text(least), text(most));
  }

  private static String text(double value) {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }
}
