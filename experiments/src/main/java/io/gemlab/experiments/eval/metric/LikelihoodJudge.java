package io.gemlab.experiments.eval.metric;

import io.gemlab.experiments.eval.request.Answer;
import io.gemlab.experiments.eval.task.MetricSpec;
import io.gemlab.experiments.eval.task.TaskItem.Expected;
import io.gemlab.graph.base.text.jinja.PythonRegex;
import io.gemlab.reports.statistics.items.Aggregate;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How likely a continuation or a whole text is. Of a continuation {@code perplexity} counts items
 * and not tokens, as lm-evaluation-harness has it; {@code acc} is whether greedy decoding gives it.
 * Of texts the perplexities count words, bytes and tokens over all texts.
 *
 * @param metrics those that the task lists
 */
record LikelihoodJudge(List<MetricSpec> metrics) implements Judge {
  private static final Metric TOKEN_PERPLEXITY =
      new Metric("token_perplexity", Aggregate.PERPLEXITY, false);
  private static final PythonRegex WHITE_SPACE = PythonRegex.compile("\\s+");

  @Override
  public Judged judge(Expected expected, List<Answer> answers) {
    Answer.Likelihood answer = (Answer.Likelihood) answers.getFirst();
    double likely = answer.logLikelihood();
    Map<Metric, Measured> measured = new LinkedHashMap<>();
    for (MetricSpec metric : metrics) {
      boolean higher = metric.higherIsBetter();
      switch (metric.name()) {
        case "acc" ->
            measured.put(new Metric("acc", Aggregate.MEAN, higher), Measured.of(answer.greedy()));
        case "perplexity" ->
            measured.put(
                new Metric("perplexity", Aggregate.PERPLEXITY, higher), Measured.of(likely));
        default ->
            measured.put(
                new Metric(
                    metric.name(),
                    metric.name().equals("bits_per_byte") ? Aggregate.BITS : Aggregate.PERPLEXITY,
                    higher),
                new Measured(likely, length(metric.name(), text(expected))));
      }
    }
    measured.put(TOKEN_PERPLEXITY, new Measured(likely, answer.tokens()));
    return new Judged(measured, Map.of());
  }

  private static String text(Expected expected) {
    return switch (expected) {
      case Expected.LikelyText whole -> whole.text();
      case Expected.Likely part -> part.continuation();
      case Expected.Choice _, Expected.Texts _ ->
          throw new IllegalArgumentException(expected + " is not judged by its likelihood");
    };
  }

  private static double length(String metric, String text) {
    return metric.equals("word_perplexity")
        ? WHITE_SPACE.findAll(text).size() + 1
        : text.getBytes(StandardCharsets.UTF_8).length;
  }
}
