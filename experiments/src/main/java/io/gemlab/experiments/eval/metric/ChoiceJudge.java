package io.gemlab.experiments.eval.metric;

import io.gemlab.experiments.eval.request.Answer;
import io.gemlab.experiments.eval.task.MetricSpec;
import io.gemlab.experiments.eval.task.TaskItem.Expected;
import io.gemlab.reports.statistics.items.Aggregate;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * Which of several choices is likeliest, and how likely the right one is.
 *
 * <p>{@code acc} takes the log-likelihood as it is, {@code acc_norm} divides it by the choice's
 * characters, {@code acc_bytes} by its bytes in UTF-8; the delimiter before a choice does not
 * count. {@code prob} is the probability of the right choice among the choices, {@code
 * bits_per_byte} what the right choice takes a byte: they tell models apart that choose alike.
 * Where choices are contexts, what is scored is the same text for each, and its length is no
 * choice's.
 *
 * @param metrics those that the task lists
 */
record ChoiceJudge(List<MetricSpec> metrics) implements Judge {
  private static final Metric PROBABILITY = new Metric("prob", Aggregate.MEAN, true);
  private static final Metric BITS_PER_BYTE = new Metric("bits_per_byte", Aggregate.MEAN, false);
  private static final List<String> ALWAYS = List.of("acc", "acc_norm", "acc_bytes");

  @Override
  public Judged judge(Expected expected, List<Answer> answers) {
    Expected.Choice choice = (Expected.Choice) expected;
    int count = choice.choices().size();
    double[] all =
        answers.stream().mapToDouble(each -> ((Answer.Likelihood) each).logLikelihood()).toArray();
    double[] likely = Arrays.copyOf(all, count);
    Map<Metric, Measured> measured = new LinkedHashMap<>();
    for (MetricSpec metric : metrics) {
      boolean higher = metric.higherIsBetter();
      measured.put(
          new Metric(metric.name(), Aggregate.MEAN, higher),
          switch (metric.name()) {
            case "exact_match" -> Measured.of(isGreedy(choice, answers));
            case "acc_mutual_info" -> chosen(choice, gained(all, count));
            case "brier_score" -> Measured.of(brier(choice, likely));
            default -> chosen(choice, normalized(metric.name(), choice, likely));
          });
    }
    for (String name : ALWAYS) {
      boolean meansNothing = choice.isOfContexts() && !name.equals("acc");
      if (meansNothing || Judge.lists(metrics, name)) continue;
      measured.put(
          new Metric(name, Aggregate.MEAN, true), chosen(choice, normalized(name, choice, likely)));
    }
    measured.put(PROBABILITY, Measured.of(probability(choice, likely)));
    bitsPerByte(choice, likely).ifPresent(bits -> measured.put(BITS_PER_BYTE, Measured.of(bits)));
    return new Judged(measured, Map.of());
  }

  private static double[] normalized(String metric, Expected.Choice choice, double[] likely) {
    ToDoubleFunction<String> length =
        switch (metric) {
          case "acc_norm" -> ChoiceJudge::characters;
          case "acc_bytes" -> ChoiceJudge::bytes;
          default -> _ -> 1;
        };
    double[] normalized = new double[likely.length];
    for (int i = 0; i < likely.length; i++) {
      normalized[i] = likely[i] / length.applyAsDouble(choice.choices().get(i));
    }
    return normalized;
  }

  private static double characters(String text) {
    return text.codePointCount(0, text.length());
  }

  private static double bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** How much likelier each choice is behind its question than behind nothing. */
  private static double[] gained(double[] all, int count) {
    double[] gained = new double[count];
    for (int i = 0; i < count; i++) gained[i] = all[i] - all[count + i];
    return gained;
  }

  /** Whether the first of the largest is right. */
  private static Measured chosen(Expected.Choice choice, double[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) if (scores[i] > scores[best]) best = i;
    return Measured.of(choice.right().contains(best));
  }

  private static boolean isGreedy(Expected.Choice choice, List<Answer> answers) {
    return choice.right().stream()
        .anyMatch(right -> ((Answer.Likelihood) answers.get(right)).greedy());
  }

  private static double[] probabilities(double[] likely) {
    double largest = Arrays.stream(likely).max().orElseThrow();
    double[] exponentials = Arrays.stream(likely).map(one -> Math.exp(one - largest)).toArray();
    double sum = Arrays.stream(exponentials).sum();
    return Arrays.stream(exponentials).map(one -> one / sum).toArray();
  }

  private static double probability(Expected.Choice choice, double[] likely) {
    double[] probabilities = probabilities(likely);
    return choice.right().stream().mapToDouble(right -> probabilities[right]).sum();
  }

  private static double brier(Expected.Choice choice, double[] likely) {
    double[] probabilities = probabilities(likely);
    double sum = 0;
    for (int i = 0; i < probabilities.length; i++) {
      double off = probabilities[i] - (choice.right().contains(i) ? 1 : 0);
      sum += off * off;
    }
    return sum;
  }

  /** Of the likeliest right choice; empty where none is right, or it has no bytes. */
  private static OptionalDouble bitsPerByte(Expected.Choice choice, double[] likely) {
    return choice.right().stream()
        .filter(right -> !choice.scored(right).isEmpty())
        .mapToDouble(right -> -likely[right] / Math.log(2) / bytes(choice.scored(right)))
        .min();
  }
}
