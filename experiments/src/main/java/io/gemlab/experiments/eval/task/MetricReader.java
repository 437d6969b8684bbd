package io.gemlab.experiments.eval.task;

import io.gemlab.experiments.eval.task.MetricSpec.Matching;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.base.text.jinja.PythonRegex;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads {@code metric_list}: metrics that are known for what the task asks. */
record MetricReader(Fields fields, OutputType type) {
  /** A metric's aggregation, and whether more is better. */
  private record Known(String aggregation, boolean higherIsBetter) {
    static final Known MEAN = new Known("mean", true);
  }

  private static final Map<OutputType, Map<String, Known>> KNOWN =
      Map.of(
          OutputType.MULTIPLE_CHOICE,
          Map.of(
              "acc", Known.MEAN,
              "acc_norm", Known.MEAN,
              "acc_bytes", Known.MEAN,
              "exact_match", Known.MEAN,
              "acc_mutual_info", Known.MEAN,
              "brier_score", new Known("brier_score", false)),
          OutputType.LOGLIKELIHOOD,
          Map.of("acc", Known.MEAN, "perplexity", new Known("perplexity", false)),
          OutputType.LOGLIKELIHOOD_ROLLING,
          Map.of(
              "word_perplexity", new Known("weighted_perplexity", false),
              "byte_perplexity", new Known("weighted_perplexity", false),
              "bits_per_byte", new Known("bits_per_byte", false)),
          OutputType.GENERATE_UNTIL,
          Map.of("exact_match", Known.MEAN));

  /** What lm-evaluation-harness computes where a task names no metric. */
  private static final Map<OutputType, List<String>> DEFAULTS =
      Map.of(
          OutputType.MULTIPLE_CHOICE, List.of("acc", "acc_norm"),
          OutputType.LOGLIKELIHOOD, List.of("perplexity", "acc"),
          OutputType.LOGLIKELIHOOD_ROLLING,
              List.of("word_perplexity", "byte_perplexity", "bits_per_byte"),
          OutputType.GENERATE_UNTIL, List.of("exact_match"));

  List<MetricSpec> metrics() {
    Map<String, MetricSpec> metrics = new LinkedHashMap<>();
    if (fields.has("metric_list")) {
      for (Fields each : fields.objects("metric_list")) {
        MetricSpec metric = metric(each);
        metrics.put(metric.name(), metric);
      }
    } else {
      for (String name : DEFAULTS.get(type)) {
        boolean higher = KNOWN.get(type).get(name).higherIsBetter();
        metrics.put(name, new MetricSpec(name, higher, Matching.PLAIN));
      }
    }
    return List.copyOf(metrics.values());
  }

  private MetricSpec metric(Fields own) {
    String name = own.text("metric");
    Known known = KNOWN.get(type).get(name);
    if (known == null) {
      throw NearestName.unknown(
          own.where() + ": for " + type.label() + " the metric",
          name,
          KNOWN.get(type).keySet().stream().sorted().toList());
    }
    List<String> keys =
        new ArrayList<>(List.of("metric", "aggregation", "higher_is_better", "hf_evaluate"));
    if (type == OutputType.GENERATE_UNTIL) {
      keys.addAll(
          List.of("regexes_to_ignore", "ignore_case", "ignore_punctuation", "ignore_numbers"));
    }
    own.only(keys);
    if (own.has("aggregation") && !own.text("aggregation").equals(known.aggregation())) {
      throw new InvalidInput(
          "%s: aggregation is %s, and of %s it is %s here; leave it out"
              .formatted(
                  own.where(),
                  InvalidInput.shown(own.text("aggregation")),
                  name,
                  known.aggregation()));
    }
    return new MetricSpec(
        name,
        own.has("higher_is_better") ? own.flag("higher_is_better") : known.higherIsBetter(),
        matching(own));
  }

  private static Matching matching(Fields own) {
    List<String> ignored =
        own.has("regexes_to_ignore") ? own.texts("regexes_to_ignore") : List.of();
    own.as(_ -> ignored.stream().map(PythonRegex::compile).toList());
    return new Matching(
        ignored,
        own.has("ignore_case") && own.flag("ignore_case"),
        own.has("ignore_punctuation") && own.flag("ignore_punctuation"),
        own.has("ignore_numbers") && own.flag("ignore_numbers"));
  }
}
