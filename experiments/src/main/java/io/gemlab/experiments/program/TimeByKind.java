package io.gemlab.experiments.program;

import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.path.Profile;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.record.Measurement.Better;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the time of one call went, by kind of node. Nodes run at once, so the kinds' sum can exceed
 * the span.
 *
 * @param spanMillis from the first node's begin to the last one's end
 * @param kinds the longest first
 */
public record TimeByKind(double spanMillis, List<Kind> kinds) {
  private static final double SMALL = 0.01;

  private static final Measure SPAN = new Measure("span of all nodes", "ms", Better.NEITHER);

  /** Begins the name of the time of all nodes of a kind. */
  private static final String TIME = "node time: ";

  public TimeByKind {
    kinds = List.copyOf(kinds);
  }

  /**
   * The nodes of a kind.
   *
   * @param label such as {@code matrix products}
   * @param millis the sum of their times
   * @param nodes how many
   */
  public record Kind(String label, double millis, int nodes) {
    private Kind plus(Kind other) {
      return new Kind(label, millis + other.millis, nodes + other.nodes);
    }
  }

  static TimeByKind of(Profile profile) {
    XlaPrograms programs = new XlaPrograms(profile);
    Map<String, Kind> byLabel = new LinkedHashMap<>();
    Duration begin = profile.whole();
    Duration end = Duration.ZERO;
    for (Profile.Node node : profile.nodes()) {
      NodeKind kind = NodeKind.of(node);
      String label = kind == NodeKind.XLA_PROGRAM ? "XLA: " + programs.label(node) : kind.label();
      byLabel.merge(label, new Kind(label, millis(node.took()), 1), Kind::plus);
      begin = Collections.min(List.of(begin, node.start()));
      end = Collections.max(List.of(end, node.start().plus(node.took())));
    }
    return new TimeByKind(
        millis(end.minus(begin)),
        byLabel.values().stream()
            .sorted(Comparator.comparingDouble(Kind::millis).reversed())
            .toList());
  }

  /** As a record has it. */
  List<Measurement> measurements() {
    List<Measurement> all = new ArrayList<>(List.of(SPAN.of(spanMillis)));
    for (Kind kind : kinds) {
      all.add(time(kind.label()).of(kind.millis()));
      all.add(nodes(kind.label()).of(kind.nodes()));
    }
    return all;
  }

  /** Of the record of a cell that was profiled. */
  public static TimeByKind of(RunView run) {
    return new TimeByKind(
        run.value(SPAN),
        run.record().getMeasurementsList().stream()
            .filter(one -> one.getName().startsWith(TIME))
            .map(
                one -> {
                  String label = one.getName().substring(TIME.length());
                  return new Kind(label, one.getValue(), (int) run.value(nodes(label)));
                })
            .toList());
  }

  private static Measure time(String kind) {
    return new Measure(TIME + kind, "ms", Better.NEITHER);
  }

  private static Measure nodes(String kind) {
    return new Measure("nodes: " + kind, "", Better.NEITHER);
  }

  private static double millis(Duration duration) {
    return duration.toNanos() / 1e6;
  }

  /** The kinds above 1 % of all nodes' time, and the rest of them as one. */
  public TimeByKind withoutSmall() {
    double least = SMALL * sum();
    List<Kind> large = new ArrayList<>(kinds);
    large.removeIf(kind -> kind.millis() < least);
    kinds.stream()
        .filter(kind -> kind.millis() < least)
        .reduce(Kind::plus)
        .map(small -> new Kind("below 1 % each", small.millis(), small.nodes()))
        .ifPresent(large::add);
    return new TimeByKind(spanMillis, large);
  }

  /** Milliseconds of all nodes together. */
  public double sum() {
    return kinds.stream().mapToDouble(Kind::millis).sum();
  }
}
