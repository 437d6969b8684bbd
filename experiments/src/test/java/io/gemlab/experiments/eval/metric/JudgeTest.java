package io.gemlab.experiments.eval.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.experiments.GoldenFiles;
import io.gemlab.experiments.eval.request.Answer;
import io.gemlab.experiments.eval.task.MetricSpec;
import io.gemlab.experiments.eval.task.MetricSpec.Matching;
import io.gemlab.experiments.eval.task.TaskFiles;
import io.gemlab.experiments.eval.task.TaskItem.Expected;
import io.gemlab.experiments.eval.task.TaskSpec;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.reports.statistics.items.Aggregate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class JudgeTest {
  /** Made-up texts through GSM8K's filters, against lm-eval's. */
  @Test
  void answersAreTakenOutAsLmEvalTakesThem() {
    TaskSpec gsm8k = TaskFiles.open(List.of("gsm8k")).tasks().getFirst();
    JsonNode rows = JsonFile.readObject(GoldenFiles.of("eval/lmeval/extraction.json")).get("rows");
    assertEquals(30, rows.size());
    for (JsonNode row : rows) {
      Judged judged =
          Judge.of(gsm8k)
              .judge(
                  new Expected.Texts(List.of(row.get("target").textValue())),
                  List.of(new Answer.Text(row.get("generation").textValue(), 1)));
      for (String filter : List.of("strict-match", "flexible-extract")) {
        assertEquals(row.get(filter).textValue(), judged.extracted().get(filter), row::toString);
        assertEquals(
            row.get(filter + "_exact_match").doubleValue(),
            values(judged).get("exact_match," + filter),
            row::toString);
      }
    }
  }

  @Test
  void lengthIsCountedInCharactersOrBytesWithoutTheDelimiter() {
    // Per character -1.5 and -1, per byte -1.5 and -2/3; as a whole -3 and -4.
    Expected choice =
        new Expected.Choice(List.of("ab", "\u00e9\u00e9ab"), List.of(1), Optional.empty());
    Map<String, Double> values = values(judge("acc", "acc_norm").judge(choice, likely(-3, -4)));
    assertEquals(0, values.get("acc"));
    assertEquals(1, values.get("acc_norm"));
    assertEquals(1, values.get("acc_bytes"));
    assertEquals(Math.exp(-1) / (1 + Math.exp(-1)), values.get("prob"), 1e-12);
    assertEquals(4 / Math.log(2) / 6, values.get("bits_per_byte"), 1e-12);
    // An astral character is one character and four bytes.
    Expected astral =
        new Expected.Choice(List.of("\ud83d\ude00", "abc"), List.of(0), Optional.empty());
    values = values(judge("acc").judge(astral, likely(-3, -8)));
    assertEquals(0, values.get("acc_norm")); // -3 against -2.67
    assertEquals(1, values.get("acc_bytes")); // -0.75 against -2.67
  }

  /**
   * The choices are contexts: what is scored is the same text, and a choice's length means nothing.
   */
  @Test
  void contextsAreJudgedByWhatFollowsThem() {
    Expected choice =
        new Expected.Choice(List.of("a", "a long one"), List.of(0), Optional.of("end"));
    Map<String, Double> values = values(judge("acc").judge(choice, likely(-5, -6)));
    assertEquals(1, values.get("acc"));
    assertFalse(values.containsKey("acc_norm"));
    assertEquals(5 / Math.log(2) / 3, values.get("bits_per_byte"), 1e-12);
  }

  @Test
  void otherMetricsOfChoices() {
    Expected choice = new Expected.Choice(List.of("a", "b"), List.of(1), Optional.empty());
    Judge judge = judge("acc_mutual_info", "brier_score", "exact_match");
    // Behind nothing the first is likelier by two, behind the question by one.
    Map<String, Double> values = values(judge.judge(choice, likely(-1, -2, -1, -3)));
    assertEquals(1, values.get("acc_mutual_info"));
    assertEquals(0, values.get("acc"));
    double p = Math.exp(-1) / (1 + Math.exp(-1));
    assertEquals(2 * (1 - p) * (1 - p), values.get("brier_score"), 1e-12);
    assertEquals(0, values.get("exact_match"));
  }

  /** Ties go to the first, a label that is no choice is never right, several may be right. */
  @Test
  void labels() {
    Expected tie = new Expected.Choice(List.of("a", "b"), List.of(0), Optional.empty());
    assertEquals(1, values(judge("acc").judge(tie, likely(-2, -2))).get("acc"));
    Expected none = new Expected.Choice(List.of("a", "b"), List.of(), Optional.empty());
    Map<String, Double> values = values(judge("acc").judge(none, likely(-2, -3)));
    assertEquals(0, values.get("acc"));
    assertFalse(values.containsKey("bits_per_byte"));
    Expected empty = new Expected.Choice(List.of("", "b"), List.of(0), Optional.empty());
    values = values(judge("acc").judge(empty, likely(-2, -3)));
    assertEquals(1, values.get("acc"));
    assertEquals(0, values.get("acc_norm")); // -2 over nothing, as lm-eval divides
    assertFalse(values.containsKey("bits_per_byte"));
    Expected both = new Expected.Choice(List.of("a", "b", "c"), List.of(1, 2), Optional.empty());
    assertEquals(1, values(judge("acc").judge(both, likely(-3, -4, -2))).get("acc"));
  }

  /** Words as Python splits them, bytes, tokens. */
  @Test
  void textsAreMeasuredOverTheirLengths() {
    List<MetricSpec> metrics =
        List.of(
            new MetricSpec("word_perplexity", false, Matching.PLAIN),
            new MetricSpec("byte_perplexity", false, Matching.PLAIN),
            new MetricSpec("bits_per_byte", false, Matching.PLAIN));
    Judged judged =
        new LikelihoodJudge(metrics)
            .judge(
                new Expected.LikelyText(" caf\u00e9 au\n lait"),
                List.of(new Answer.Likelihood(-30, false, 5)));
    Map<String, Measured> measured =
        judged.metrics().entrySet().stream()
            .collect(Collectors.toMap(each -> each.getKey().name(), Map.Entry::getValue));
    assertEquals(new Measured(-30, 4), measured.get("word_perplexity"));
    assertEquals(new Measured(-30, 15), measured.get("byte_perplexity"));
    assertEquals(new Measured(-30, 5), measured.get("token_perplexity"));
    assertEquals(
        List.of(Aggregate.PERPLEXITY, Aggregate.PERPLEXITY, Aggregate.BITS, Aggregate.PERPLEXITY),
        judged.metrics().keySet().stream().map(Metric::aggregate).toList());
  }

  private static Judge judge(String... metrics) {
    return new ChoiceJudge(
        Arrays.stream(metrics).map(name -> new MetricSpec(name, true, Matching.PLAIN)).toList());
  }

  private static List<Answer> likely(double... logLikelihoods) {
    return Arrays.stream(logLikelihoods)
        .<Answer>mapToObj(each -> new Answer.Likelihood(each, false, 1))
        .toList();
  }

  private static Map<String, Double> values(Judged judged) {
    return judged.metrics().entrySet().stream()
        .collect(Collectors.toMap(each -> each.getKey().name(), each -> each.getValue().value()));
  }
}
