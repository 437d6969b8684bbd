package io.gemlab.experiments.ablate.recipe;

import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.experiments.recipe.Kind;
import io.gemlab.experiments.recipe.Require;
import io.gemlab.experiments.recipe.ScheduleSpec;
import io.gemlab.experiments.recipe.Values;
import io.gemlab.graph.base.input.InvalidInput;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * Learning rates that each arm is tried at, so that arms are compared at the best of each, under
 * seeds that had no part in the choice.
 *
 * @param learningRates that are tried, ascending
 * @param seeds that each is tried under
 * @param chosen the rate that an arm is compared at, by the arm's name; there is none as long as a
 *     run that tries it is missing, and where all of them diverged
 */
public record Tuning(List<Double> learningRates, List<Long> seeds, Map<String, Double> chosen) {
  private static final Key<List<Double>> LEARNING_RATES =
      Key.of(
          ScheduleSpec.LEARNING_RATE.name(),
          Kind.NUMBERS,
          Values.POSITIVE,
          "Peaks that each arm is tried at, two or more. Of those with the fewest runs that diverged"
              + " an arm is compared at the one with the lowest mean validation loss; `training`"
              + " then gives none.");
  private static final Key<List<Long>> SEEDS =
      Key.of(
          "seeds",
          Kind.INTEGERS,
          Values.ANY,
          "That every arm is tried under at each of them; none of them is one of `training`'s, which"
              + " confirm.");

  static final List<Key<?>> KEYS = List.of(LEARNING_RATES, SEEDS);

  public Tuning {
    learningRates = learningRates.stream().sorted().toList();
    seeds = List.copyOf(seeds);
    chosen = Map.copyOf(chosen);
    learningRates.forEach(rate -> Require.positive(LEARNING_RATES.name(), rate));
    if (learningRates.size() < 2 || new HashSet<>(learningRates).size() < learningRates.size()) {
      throw new InvalidInput(
          "%s is %s; give two different ones or more"
              .formatted(LEARNING_RATES.name(), learningRates));
    }
    if (seeds.isEmpty() || new HashSet<>(seeds).size() < seeds.size()) {
      throw new InvalidInput(
          "%s is %s; give one or more, each once".formatted(SEEDS.name(), seeds));
    }
  }

  /**
   * Reads {@code learning_rate} and {@code seeds}.
   *
   * @throws InvalidInput if one is missing or can't be
   */
  static Tuning of(Fields fields) {
    fields.only(RecipeReader.names(KEYS));
    return new Tuning(fields.get(LEARNING_RATES), fields.get(SEEDS), Map.of());
  }

  /** The same, with what was chosen. */
  Tuning withChosen(Map<String, Double> rates) {
    return new Tuning(learningRates, seeds, rates);
  }
}
