package io.gemlab.experiments.program;

import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.RunView;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.record.Turn;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.timing.PairedRatio;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.apache.commons.statistics.descriptive.Median;

/**
 * The turns in which a time was measured. Of a round whose turn was taken again the last one
 * counts.
 *
 * @param all in the order in which they were taken; none in records of before there were turns
 */
public record Turns(List<Turn> all) {
  /** With fewer rounds that nothing disturbed, a time is not compared with others. */
  static final int LEAST_QUIET = 3;

  public Turns {
    all = List.copyOf(all);
  }

  /** Those of a run's measure. */
  public static Turns of(RunView run, Measure measure) {
    return new Turns(
        run.record().getTurnsList().stream()
            .filter(turn -> turn.getMeasurement().equals(measure.name()))
            .toList());
  }

  /** A time of each round: of the rounds that nothing disturbed, or of all where those are few. */
  List<Double> times() {
    return (disturbance().isPresent() ? last().values() : quiet().values())
        .stream().map(Turns::time).toList();
  }

  private static double time(Turn turn) {
    double[] samples = turn.getSamplesList().stream().mapToDouble(Double::doubleValue).toArray();
    return Median.withDefaults().evaluate(samples);
  }

  /** The turn that counts of each round. */
  private SortedMap<Integer, Turn> last() {
    SortedMap<Integer, Turn> rounds = new TreeMap<>();
    all.forEach(turn -> rounds.put(turn.getRound(), turn));
    return rounds;
  }

  /** Those that nothing disturbed. */
  private SortedMap<Integer, Turn> quiet() {
    SortedMap<Integer, Turn> rounds = last();
    rounds.values().removeIf(Turn::getDisturbed);
    return rounds;
  }

  /** What disturbed so many rounds that the time can't be compared; empty where it can. */
  public Optional<String> disturbance() {
    Collection<Turn> doubtful = doubtful();
    if (doubtful.isEmpty()) return Optional.empty();
    double others = mean(doubtful, Turn::getOthers);
    double stolen = mean(doubtful, Turn::getStolen);
    return Optional.of(
        others >= stolen
            ? "other work took %s %% of the cores while it was measured".formatted(percent(others))
            : "the machine's host gave %s %% of the cores to others while it was measured"
                .formatted(percent(stolen)));
  }

  /**
   * The rounds that were disturbed, where few were not; or those others, where a steady load took
   * too little of each to be told from a few ticks, and too much of all of them.
   */
  private Collection<Turn> doubtful() {
    Collection<Turn> quiet = quiet().values();
    if (quiet.size() < LEAST_QUIET) {
      return last().values().stream().filter(Turn::getDisturbed).toList();
    }
    return mean(quiet, Turn::getOthers) > ProcessorWatch.OTHERS_LIMIT ? quiet : List.of();
  }

  private static String percent(double fraction) {
    return Numbers.significant(100 * fraction, 2);
  }

  private static double mean(Collection<Turn> turns, ToDoubleFunction<Turn> of) {
    return turns.stream().mapToDouble(of).average().orElse(0);
  }

  /** Whether the system told what else the machine did. */
  public boolean watched() {
    return all.stream().anyMatch(Turn::hasOthers);
  }

  /** Turns that were disturbed, those measured again among them. */
  public int disturbed() {
    return (int) all.stream().filter(Turn::getDisturbed).count();
  }

  /** Turns for which a process was started. */
  public int fresh() {
    return (int) all.stream().filter(Turn::getFreshProcess).count();
  }

  /** Whether these and others are of one sitting. */
  public boolean tookTurnsWith(Turns others) {
    return all.stream()
        .anyMatch(
            turn ->
                others.all.stream()
                    .anyMatch(other -> other.getSitting().equals(turn.getSitting())));
  }

  /**
   * The ratio of these times to others', over the rounds of one sitting that disturbed neither;
   * empty where those are few.
   */
  public Optional<PairedRatio> ratio(Turns others, Confidence confidence) {
    if (disturbance().isPresent() || others.disturbance().isPresent()) return Optional.empty();
    List<Double> above = new ArrayList<>();
    List<Double> below = new ArrayList<>();
    SortedMap<Integer, Turn> theirs = others.quiet();
    quiet()
        .forEach(
            (round, turn) -> {
              Turn other = theirs.get(round);
              if (other == null || !other.getSitting().equals(turn.getSitting())) return;
              above.add(time(turn));
              below.add(time(other));
            });
    if (above.size() < LEAST_QUIET) return Optional.empty();
    return Optional.of(PairedRatio.of(above, below, confidence));
  }
}
