package io.gemlab.experiments.ablate.run;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How an arm's runs at a learning rate ended, under the seeds that it is tuned by.
 *
 * @param learningRate the peak
 * @param seeds how many runs there are to be
 * @param diverged how many of them diverged
 * @param losses the last validation loss of each of the others that are complete
 */
public record Trial(double learningRate, int seeds, int diverged, List<Double> losses) {
  private static final Comparator<Trial> BEST_FIRST =
      Comparator.comparingInt(Trial::diverged).thenComparingDouble(Trial::meanLoss);

  public Trial {
    losses = List.copyOf(losses);
  }

  /** How many of its runs are made. */
  public int runs() {
    return diverged + losses.size();
  }

  private double meanLoss() {
    return losses.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  /**
   * The best of an arm's: of those with the fewest runs that diverged the one with the lowest mean
   * loss of the others. Empty where all runs diverged, and as long as one is missing.
   */
  static Optional<Trial> best(List<Trial> trials) {
    if (trials.stream().anyMatch(trial -> trial.runs() < trial.seeds())) return Optional.empty();
    return trials.stream().filter(trial -> !trial.losses().isEmpty()).min(BEST_FIRST);
  }
}
