package io.gemlab.experiments.merge.study;

import io.gemlab.experiments.StudyChart;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.Axis;
import io.gemlab.reports.chart.LineChart;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Summary;
import io.gemlab.reports.statistics.paired.Holm;
import io.gemlab.reports.statistics.paired.Pair;
import io.gemlab.reports.statistics.paired.PairedComparison;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.LongToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;

/** What the models of all seeds come to: tables, differences by seed, and fronts. */
final class WarpFindings {
  private static final Confidence CONFIDENCE = Confidence.NINETY_FIVE;
  private static final int LAST = SeedRuns.STEPS;

  private final List<ScoredModel> models;
  private final long[] seeds;

  WarpFindings(List<ScoredModel> models) {
    this.models = List.copyOf(models);
    this.seeds = models.stream().mapToLong(ScoredModel::seed).distinct().sorted().toArray();
  }

  /** Two values of each seed that are compared. */
  private record Question(String text, LongToDoubleFunction arm, LongToDoubleFunction control) {}

  private List<Question> questions() {
    LongToDoubleFunction slerp = loss(Arm.SLERP_MEANS, 1);
    LongToDoubleFunction lerp = loss(Arm.LERP_MEANS, 1);
    LongToDoubleFunction parts = loss(Arm.MEANS, LAST);
    return List.of(
        new Question("the means of runs - their last weights", parts, loss(Arm.POLICIES, LAST)),
        new Question("SLERP of the means - its parts", slerp, parts),
        new Question("SLERP of the means - LERP of them", slerp, lerp),
        new Question(
            "the same at LERP's KL, on SLERP's front",
            seed -> lossAt(Arm.SLERP_MEANS, seed, kl(Arm.LERP_MEANS, 1).applyAsDouble(seed)),
            lerp),
        new Question(
            "SLERP's front - LITI of one run's mean, at the nearer end's KL",
            seed -> lossAt(Arm.SLERP_MEANS, seed, nearerEnd(seed, Arm.SLERP_MEANS, Arm.LITI_MEANS)),
            seed -> lossAt(Arm.LITI_MEANS, seed, nearerEnd(seed, Arm.SLERP_MEANS, Arm.LITI_MEANS))),
        new Question(
            "SLERP of last weights - SLERP of the means", loss(Arm.SLERP_POLICIES, 1), slerp),
        new Question(
            "SLERP of the means - one run whose rate falls", slerp, loss(Arm.DECAYED, LAST)),
        new Question(
            "SLERP of the means - one such run of 3 times the steps",
            slerp,
            loss(Arm.LONG, SeedRuns.POLICIES * LAST)),
        new Question(
            "the second iteration's front - the first's, at the nearer end's KL",
            seed -> lossAt(Arm.SECOND, seed, nearerEnd(seed, Arm.SLERP_MEANS, Arm.SECOND)),
            seed -> lossAt(Arm.SLERP_MEANS, seed, nearerEnd(seed, Arm.SLERP_MEANS, Arm.SECOND))),
        new Question(
            "LITI of one run's mean - the mean while it trained, at its KL after a quarter",
            seed -> lossAt(Arm.LITI_MEANS, seed, kl(Arm.MEANS, SeedRuns.EVERY).applyAsDouble(seed)),
            loss(Arm.MEANS, SeedRuns.EVERY)));
  }

  /** The KL up to which all fronts of two arms go. */
  private double nearerEnd(long seed, String one, String other) {
    return models.stream()
        .filter(model -> model.seed() == seed && model.at() == 1)
        .filter(model -> model.arm().equals(one) || model.arm().equals(other))
        .mapToDouble(model -> model.score().kl())
        .min()
        .orElseThrow();
  }

  /** Markdown: differences by seed, the p-values adjusted over all of them. */
  List<String> comparisons() {
    List<Question> questions = questions();
    List<PairedComparison> tests =
        questions.stream()
            .map(
                question ->
                    PairedComparison.of(
                        LongStream.of(seeds)
                            .mapToObj(
                                seed ->
                                    new Pair(
                                        seed,
                                        question.control().applyAsDouble(seed),
                                        question.arm().applyAsDouble(seed)))
                            .toList(),
                        CONFIDENCE))
            .toList();
    List<Double> adjusted = Holm.adjust(tests.stream().map(PairedComparison::pValue).toList());
    List<String> lines = new ArrayList<>();
    lines.add("| validation loss, nats/token | difference [95 %] | p, Holm | sign-flip p |");
    lines.add("| --- | --- | --: | --: |");
    for (int i = 0; i < tests.size(); i++) {
      PairedComparison test = tests.get(i);
      lines.add(
          line(
              "| %s | %+.4f [%+.4f, %+.4f] | %.2g | %.2g |",
              questions.get(i).text(),
              test.meanDifference(),
              test.interval().low(),
              test.interval().high(),
              adjusted.get(i),
              test.signFlipPValue().orElseThrow()));
    }
    return lines;
  }

  /** Markdown: what arms end with. */
  List<String> arms() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| model | validation loss [95 %] | KL from the base | base's own validation loss | distance |");
    lines.add("| --- | --- | --: | --: | --: |");
    for (Arm.End end : Arm.ENDS) {
      Summary loss = summary(end, ModelScores.Score::loss);
      lines.add(
          line(
              "| %s | %.4f [%.4f, %.4f] | %.4f | %.4f | %.2f |",
              end.name(),
              loss.mean(),
              loss.spread().orElseThrow().interval().low(),
              loss.spread().orElseThrow().interval().high(),
              summary(end, ModelScores.Score::kl).mean(),
              summary(end, ModelScores.Score::baseLoss).mean(),
              summary(end, ModelScores.Score::distance).mean()));
    }
    return lines;
  }

  private Summary summary(Arm.End end, ToDoubleFunction<ModelScores.Score> measure) {
    return Summary.of(
        LongStream.of(seeds)
            .mapToObj(seed -> value(end.arm(), end.at(), measure).applyAsDouble(seed))
            .toList(),
        CONFIDENCE);
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** A picture of its own, on white: loss by how far models are from the base. */
  String chart(String title, Quantity x, ToDoubleFunction<ModelScores.Score> distance) {
    List<LineChart.Series> series = new ArrayList<>();
    for (Arm.Curve curve : Arm.CURVES) {
      List<LineChart.Point> points = new ArrayList<>();
      for (double at : ats(curve.arm())) {
        if (at < SeedRuns.EVERY && at > Arm.Curve.LAST_ETA) continue;
        points.add(
            LineChart.Point.of(
                mean(curve.arm(), at, distance), mean(curve.arm(), at, ModelScores.Score::loss)));
      }
      points.add(LineChart.Point.of(0, mean(Arm.BASE, 0, ModelScores.Score::loss)));
      points.sort(Comparator.comparingDouble(LineChart.Point::x));
      series.add(new LineChart.Series(curve.name(), points));
    }
    LineChart chart =
        new LineChart(
            title,
            Axis.linear(x),
            Axis.linear(new Quantity("validation loss", "nats/token")),
            series,
            List.of());
    return StudyChart.alone(chart, "front");
  }

  private double[] ats(String arm) {
    return models.stream()
        .filter(model -> model.arm().equals(arm))
        .mapToDouble(ScoredModel::at)
        .distinct()
        .sorted()
        .toArray();
  }

  private double mean(String arm, double at, ToDoubleFunction<ModelScores.Score> measure) {
    return LongStream.of(seeds)
        .mapToDouble(seed -> value(arm, at, measure).applyAsDouble(seed))
        .average()
        .orElseThrow();
  }

  private LongToDoubleFunction loss(String arm, double at) {
    return value(arm, at, ModelScores.Score::loss);
  }

  private LongToDoubleFunction kl(String arm, double at) {
    return value(arm, at, ModelScores.Score::kl);
  }

  /** A seed's, the mean over policies where there are several. */
  private LongToDoubleFunction value(
      String arm, double at, ToDoubleFunction<ModelScores.Score> measure) {
    return seed ->
        models.stream()
            .filter(model -> model.seed() == seed && model.arm().equals(arm) && model.at() == at)
            .mapToDouble(model -> measure.applyAsDouble(model.score()))
            .average()
            .orElseThrow(() -> new IllegalStateException(arm + " at " + at + " is missing"));
  }

  /** A front from the base on. */
  private Front front(String arm, long seed, int policy) {
    return new Front(
        models.stream()
            .filter(
                model ->
                    model.seed() == seed
                        && (model.arm().equals(Arm.BASE)
                            || model.arm().equals(arm) && model.policy() == policy))
            .sorted(Comparator.comparingDouble(ScoredModel::at))
            .toList());
  }

  /** A front's loss at a KL, the mean over policies where there are several. */
  private double lossAt(String arm, long seed, double kl) {
    return models.stream()
        .filter(model -> model.seed() == seed && model.arm().equals(arm))
        .mapToInt(ScoredModel::policy)
        .distinct()
        .mapToDouble(policy -> front(arm, seed, policy).lossAt(kl))
        .average()
        .orElseThrow();
  }
}
