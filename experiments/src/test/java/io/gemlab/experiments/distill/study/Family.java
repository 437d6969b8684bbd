package io.gemlab.experiments.distill.study;

import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.paired.Holm;
import io.gemlab.reports.statistics.paired.Pair;
import io.gemlab.reports.statistics.paired.PairedComparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Questions that are answered together: differences by seed, p-values adjusted over all of them.
 */
final class Family {
  static final Confidence CONFIDENCE = Confidence.NINETY_FIVE;

  private final List<Question> questions = new ArrayList<>();

  /** A difference, and what is known of it. */
  private record Question(String text, PairedComparison test) {}

  /**
   * Adds a question.
   *
   * @param arm values by seed
   * @param control values by the same seeds
   */
  PairedComparison ask(String text, Map<Long, Double> arm, Map<Long, Double> control) {
    if (!arm.keySet().equals(control.keySet())) {
      throw new IllegalStateException(text + ": runs are missing");
    }
    PairedComparison test =
        PairedComparison.of(
            arm.keySet().stream()
                .map(seed -> new Pair(seed, control.get(seed), arm.get(seed)))
                .toList(),
            CONFIDENCE);
    questions.add(new Question(text, test));
    return test;
  }

  /** Markdown, a line a question. */
  List<String> table(String measure) {
    List<Double> adjusted =
        Holm.adjust(questions.stream().map(question -> question.test().pValue()).toList());
    List<String> lines = new ArrayList<>();
    lines.add("| %s | difference [95 %%] | p, Holm | sign-flip p |".formatted(measure));
    lines.add("| --- | --- | --: | --: |");
    for (int i = 0; i < questions.size(); i++) {
      PairedComparison test = questions.get(i).test();
      lines.add(
          String.format(
              Locale.ROOT,
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
}
