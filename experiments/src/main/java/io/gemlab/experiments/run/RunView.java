package io.gemlab.experiments.run;

import io.gemlab.experiments.recipe.Level;
import io.gemlab.reports.record.Factor;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.record.Outcome.Status;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.Series;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A run's record, read by what it means. Records that an earlier version wrote read the same.
 *
 * @param record the record
 */
public record RunView(RunRecord record) {
  /** Factors that say where and on what a run ran. */
  public static final String PATH = "path";

  public static final String LENGTH = "length";
  public static final String DTYPE = "dtype";

  /** The factor that says at which learning rate a run tries its arm. */
  public static final String TRIED = "tried learning_rate";

  public String id() {
    return record.getId();
  }

  /** Which of an experiment's kinds of runs it is: {@code training} of {@code mine/training}. */
  public String kind() {
    String experiment = record.getExperiment();
    return experiment.substring(experiment.lastIndexOf('/') + 1);
  }

  public String arm() {
    return record.getArm();
  }

  public long seed() {
    return record.getSeed();
  }

  public boolean isComplete() {
    return status() == Status.COMPLETE;
  }

  /** Whether its numbers grew out of bounds, which is a finding. */
  public boolean isDiverged() {
    return record.getOutcome().getDiverged();
  }

  /** Whether it broke, and may be tried again. */
  public boolean isFailed() {
    return status() == Status.FAILED && !isDiverged();
  }

  public Status status() {
    return record.getOutcome().getStatus();
  }

  /** How it ended, in a word. */
  public String ended() {
    return isDiverged() ? "diverged" : status().name().toLowerCase(Locale.ROOT);
  }

  /** What tells it from other runs of its experiment, the arm and the seed apart. */
  public List<Factor> factors() {
    return record.getFactorsList().stream()
        .map(factor -> Records.factor(factor.getName(), Level.of(factor.getLevel())))
        .toList();
  }

  /** The label of the path it ran on. */
  public String path() {
    return level(PATH);
  }

  /** Tokens a row. */
  public int length() {
    return Integer.parseInt(level(LENGTH));
  }

  /** The label of the type computed in. */
  public String dtype() {
    return level(DTYPE);
  }

  private String level(String factor) {
    return factors().stream()
        .filter(one -> one.getName().equals(factor))
        .map(Factor::getLevel)
        .findFirst()
        .orElseThrow();
  }

  /** The measurement of a measure. */
  public Optional<Measurement> measurement(Measure measure) {
    return record.getMeasurementsList().stream()
        .filter(one -> one.getName().equals(measure.name()))
        .findFirst();
  }

  /** The value of a measure that was taken. */
  public double value(Measure measure) {
    return measurement(measure).orElseThrow().getValue();
  }

  /** The values that {@link #value} is the median of. */
  public List<Double> samples(Measure measure) {
    return measurement(measure).orElseThrow().getSamplesList();
  }

  /** The curve of a measure. */
  public Optional<Series> curve(Measure measure) {
    return record.getSeriesList().stream()
        .filter(one -> one.getName().equals(measure.name()))
        .findFirst();
  }
}
