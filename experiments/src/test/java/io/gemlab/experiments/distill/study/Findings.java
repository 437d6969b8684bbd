package io.gemlab.experiments.distill.study;

import io.gemlab.experiments.StudyChart;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.IntervalChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.statistics.Interval;
import io.gemlab.reports.statistics.Summary;
import io.gemlab.reports.statistics.paired.PairedComparison;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** What the students of all seeds come to: tables, differences by seed, and a chart of these. */
final class Findings {
  private static final List<String> ARMS =
      List.of(
          OfflineStudy.SCRATCH,
          OfflineStudy.LONG,
          OfflineStudy.DISTILLED,
          OfflineStudy.LABEL_SMOOTHING,
          OfflineStudy.SMOOTHED,
          OfflineStudy.SHUFFLED);
  private static final List<String> ONWARD =
      List.of(
          OnlineStudy.BASE,
          OnlineStudy.OFFLINE_FLOPS,
          OnlineStudy.OFFLINE_TIME,
          OnlineStudy.REVERSE,
          OnlineStudy.MIXED);

  private final List<Offline> offline;
  private final List<Online> online;

  Findings(List<Offline> offline, List<Online> online) {
    this.offline = List.copyOf(offline);
    this.online = List.copyOf(online);
  }

  /** A comparison of two arms at a size. */
  private record Versus(String arm, String control) {
    String text() {
      return arm + " - " + control;
    }
  }

  private static final List<Versus> QUESTIONS =
      List.of(
          new Versus(OfflineStudy.DISTILLED, OfflineStudy.SCRATCH),
          new Versus(OfflineStudy.DISTILLED, OfflineStudy.LONG),
          new Versus(OfflineStudy.LABEL_SMOOTHING, OfflineStudy.SCRATCH),
          new Versus(OfflineStudy.SMOOTHED, OfflineStudy.SCRATCH),
          new Versus(OfflineStudy.SHUFFLED, OfflineStudy.SCRATCH),
          new Versus(OfflineStudy.DISTILLED, OfflineStudy.SMOOTHED),
          new Versus(OfflineStudy.SMOOTHED, OfflineStudy.LABEL_SMOOTHING),
          new Versus(OfflineStudy.DISTILLED, OfflineStudy.SHUFFLED));

  private Map<Long, Double> losses(Size size, String arm) {
    return offline.stream()
        .filter(Offline::isConfirming)
        .filter(one -> one.size().equals(size.label()) && one.arm().equals(arm))
        .filter(one -> one.ended().equals("complete"))
        .collect(Collectors.toMap(Offline::seed, Offline::loss, (one, _) -> one, TreeMap::new));
  }

  /** Markdown: validation loss and perplexity of each arm, by size. */
  List<String> arms() {
    List<String> lines = new ArrayList<>();
    StringBuilder head = new StringBuilder("| validation loss [95 %], perplexity, rate |");
    StringBuilder rule = new StringBuilder("| --- |");
    for (Size size : Size.values()) {
      head.append(String.format(Locale.ROOT, " %s, 1/%.1f |", size.label(), size.teachersRatio()));
      rule.append(" --- |");
    }
    lines.add(head.toString());
    lines.add(rule.toString());
    for (String arm : ARMS) {
      StringBuilder line = new StringBuilder("| " + arm + " |");
      for (Size size : Size.values()) {
        Summary loss = summary(losses(size, arm).values());
        line.append(
            String.format(
                Locale.ROOT,
                " %s, %.2f, %s |",
                text(loss),
                Math.exp(loss.mean()),
                rate(size, arm)));
      }
      lines.add(line.toString());
    }
    return lines;
  }

  private double rate(Size size, String arm) {
    return offline.stream()
        .filter(Offline::isConfirming)
        .filter(one -> one.size().equals(size.label()) && one.arm().equals(arm))
        .mapToDouble(Offline::rate)
        .findFirst()
        .orElseThrow();
  }

  private static Summary summary(Collection<Double> values) {
    return Summary.of(List.copyOf(values), Family.CONFIDENCE);
  }

  private static String text(Summary summary) {
    Interval interval = summary.spread().orElseThrow().interval();
    return String.format(
        Locale.ROOT, "%.3f [%.3f, %.3f]", summary.mean(), interval.low(), interval.high());
  }

  /** Markdown: differences of validation loss between arms, at each size. */
  List<String> differences() {
    Family family = new Family();
    for (Size size : Size.values()) {
      for (Versus one : QUESTIONS) ask(family, size, one);
    }
    Versus gain = QUESTIONS.getFirst();
    family.ask(
        "%s: %s less %s".formatted(gain.text(), Size.LARGE.label(), Size.SMALL.label()),
        difference(Size.LARGE, gain),
        difference(Size.SMALL, gain));
    return family.table("validation loss, nats/token");
  }

  private PairedComparison ask(Family family, Size size, Versus one) {
    return family.ask(
        size.label() + ": " + one.text(), losses(size, one.arm()), losses(size, one.control()));
  }

  private Map<Long, Double> difference(Size size, Versus one) {
    Map<Long, Double> control = losses(size, one.control());
    Map<Long, Double> differences = new TreeMap<>(losses(size, one.arm()));
    differences.replaceAll((seed, loss) -> loss - control.get(seed));
    return differences;
  }

  /** The differences as a picture. */
  String chart() {
    Family family = new Family();
    List<IntervalChart.Group> groups = new ArrayList<>();
    for (Versus one : QUESTIONS) {
      List<IntervalChart.Row> rows = new ArrayList<>();
      for (Size size : Size.values()) {
        PairedComparison test = ask(family, size, one);
        rows.add(
            new IntervalChart.Row(size.label(), Value.of(test.meanDifference(), test.interval())));
      }
      groups.add(new IntervalChart.Group(one.text(), rows));
    }
    return StudyChart.alone(
        new IntervalChart(
            "Validation loss: differences by seed",
            Axis.linear(new Quantity("difference of validation loss", "nats/token")),
            OptionalDouble.of(0),
            Optional.empty(),
            groups),
        "differences");
  }

  private Map<Long, Double> onward(String arm, ToDoubleFunction<Online> measure) {
    return online.stream()
        .filter(Online::isConfirming)
        .filter(one -> one.arm().equals(arm))
        .collect(
            Collectors.toMap(Online::seed, measure::applyAsDouble, (one, _) -> one, TreeMap::new));
  }

  /** Markdown: students that went on. */
  List<String> onward() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| went on | rate | steps | seconds | on-policy KL [95 %] | validation loss [95 %] |");
    lines.add("| --- | --: | --: | --: | --- | --- |");
    for (String arm : ONWARD) {
      Online one =
          online.stream()
              .filter(Online::isConfirming)
              .filter(any -> any.arm().equals(arm))
              .findFirst()
              .orElseThrow();
      lines.add(
          String.format(
              Locale.ROOT,
              "| %s | %s | %d | %.1f | %s | %s |",
              arm,
              one.rate(),
              one.steps(),
              summary(onward(arm, Online::seconds).values()).median(),
              text(summary(onward(arm, Online::kl).values())),
              text(summary(onward(arm, Online::loss).values()))));
    }
    return lines;
  }

  /** Markdown: online against offline. */
  List<String> onwardDifferences() {
    Family family = new Family();
    for (String arm : List.of(OnlineStudy.REVERSE, OnlineStudy.MIXED)) {
      for (String control : List.of(OnlineStudy.OFFLINE_FLOPS, OnlineStudy.OFFLINE_TIME)) {
        String text = arm + " - " + control;
        family.ask("on-policy KL: " + text, onward(arm, Online::kl), onward(control, Online::kl));
        family.ask(
            "validation loss: " + text, onward(arm, Online::loss), onward(control, Online::loss));
      }
    }
    return family.table("nats/token");
  }
}
