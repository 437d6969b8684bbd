package io.gemlab.experiments.merge.method;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.List;
import java.util.Optional;

/**
 * What a method takes, as data: recipes are checked against it before a tensor is read.
 *
 * @param name as recipes have it
 * @param title as people call it
 * @param reference where it is described; empty where there is no paper
 * @param base what it does with {@code base_model}
 * @param fewest models that it merges at least; the base isn't counted where it is one
 * @param most at most
 * @param parameters those that a recipe may give
 */
public record Contract(
    String name,
    String title,
    String reference,
    Base base,
    int fewest,
    int most,
    List<Parameter> parameters) {
  /** For {@link #most}: as many as there are. */
  public static final int ANY_NUMBER = Integer.MAX_VALUE;

  /** What a method does with the base model. */
  public enum Base {
    /** It has no base: {@code base_model} lends its files, and is merged only if it is a model. */
    NONE,
    /** It merges differences from a base where there is one, and models where there is none. */
    OPTIONAL,
    /** It merges differences from a base. */
    REQUIRED
  }

  public Contract {
    parameters = List.copyOf(parameters);
  }

  /** The parameter of that name, if there is one. */
  public Optional<Parameter> parameter(String parameterName) {
    return parameters.stream().filter(one -> one.name().equals(parameterName)).findFirst();
  }

  /** What tells the points of a front apart, if the result is one. */
  public Optional<Parameter> ofPoints() {
    return parameters.stream().filter(one -> one.scope() == Parameter.Scope.POINT).findFirst();
  }

  /**
   * Checks how many models a tensor would be merged of.
   *
   * @param models without the base, where it is one
   * @param where the recipe's place
   * @throws InvalidInput if that is too few or too many, or a base is missing
   */
  public void require(int models, boolean hasBase, String where) {
    if (base == Base.REQUIRED && !hasBase) {
      throw new InvalidInput(
          "%s: %s merges differences from a base; give base_model".formatted(where, name));
    }
    if (models < fewest || models > most) {
      String wanted = fewest == most ? "exactly " + fewest : "at least " + fewest;
      throw new InvalidInput(
          "%s: %s takes %s model%s%s, and here there %s %d"
              .formatted(
                  where,
                  name,
                  wanted,
                  fewest == 1 ? "" : "s",
                  base == Base.REQUIRED ? " besides base_model" : "",
                  models == 1 ? "is" : "are",
                  models));
    }
  }
}
