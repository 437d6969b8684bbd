package io.gemlab.experiments.eval.result;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.eval.metric.Metric;
import io.gemlab.experiments.eval.task.PromptFormat;
import io.gemlab.reports.statistics.items.ItemScore;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code results.json}: each metric with its standard error, and what it is of. */
public final class ResultsJson {
  /** The file's name. */
  public static final String FILE = "results.json";

  static final JsonMapper JSON = new JsonMapper();

  /** Whose counting this is. */
  private static final String COUNTED_AS = "lm-evaluation-harness 0.4.13";

  private ResultsJson() {}

  /** The file's text. */
  public static byte[] of(EvalResult result, String gemlabVersion) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("gemlab", gemlabVersion);
    root.put("counted_as", COUNTED_AS);
    root.set("model", model(result.model()));
    root.set("counting", counting(result.counting()));
    ObjectNode tasks = root.putObject("tasks");
    for (TaskResult task : result.tasks()) tasks.set(task.task().name(), task(task));
    for (TaskFormats each : result.formats()) {
      ((ObjectNode) tasks.get(each.task())).set("formats", formats(each));
    }
    ObjectNode groups = root.putObject("groups");
    for (GroupResult group : result.groups()) groups.set(group.group().name(), group(group));
    if (!result.noise().isEmpty()) root.set("noise", noise(result.noise()));
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
  }

  private static ObjectNode model(ModelInfo model) {
    ObjectNode node = JSON.createObjectNode();
    node.put("checkpoint", model.folder());
    node.set("sha256", JSON.valueToTree(model.sha256()));
    node.set("settings", JSON.valueToTree(model.settings()));
    return node;
  }

  private static ObjectNode counting(Counting counting) {
    return JSON.createObjectNode()
        .put("bos", counting.bos())
        .put("max_length", counting.maxLength())
        .put("windows", counting.windows().name().toLowerCase(Locale.ROOT))
        .put("fewshot_seed", counting.seed());
  }

  private static ObjectNode task(TaskResult result) {
    ObjectNode node = JSON.createObjectNode();
    node.put("version", result.task().version().orElse(null));
    node.put("output_type", result.task().outputType().label());
    node.put("n", result.items().size());
    node.put("documents", result.documents());
    node.put("shots", result.task().shots());
    node.put("prompts_sha256", result.promptHash());
    node.put("cut_requests", result.cut());
    node.put("labels_without_choice", result.unanswerable());
    result.chance().ifPresent(chance -> node.put("chance", chance));
    ObjectNode metrics = node.putObject("metrics");
    for (Map.Entry<Metric, ItemScore> each : result.scores().entrySet()) {
      ObjectNode metric = score(each.getValue(), each.getValue().standardError());
      metric.put("higher_is_better", each.getKey().higherIsBetter());
      metrics.set(each.getKey().name(), metric);
    }
    return node;
  }

  private static ObjectNode group(GroupResult result) {
    ObjectNode node = JSON.createObjectNode();
    node.put("version", result.group().version().orElse(null));
    node.set("tasks", JSON.valueToTree(result.group().tasks()));
    ObjectNode metrics = node.putObject("metrics");
    result
        .scores()
        .forEach((name, group) -> metrics.set(name, score(group.score(), group.pooledError())));
    return node;
  }

  private static ObjectNode formats(TaskFormats formats) {
    ObjectNode node = JSON.createObjectNode();
    node.set("fields", JSON.valueToTree(formats.fields()));
    node.set(
        "formats",
        JSON.valueToTree(formats.formats().stream().map(PromptFormat::example).toList()));
    ObjectNode metrics = node.putObject("metrics");
    formats
        .spreads()
        .forEach(
            (metric, spread) -> {
              ObjectNode each = metrics.putObject(metric.name());
              each.set("scores", JSON.valueToTree(spread.scores()));
              each.put("mean", spread.mean())
                  .put("sd", spread.standardDeviation())
                  .put("variance_items", spread.ofItems())
                  .put("variance_formats", spread.ofFormats())
                  .put("variance_both", spread.ofBoth());
            });
    return node;
  }

  private static ObjectNode noise(List<TaskNoise> tasks) {
    ObjectNode node = JSON.createObjectNode();
    for (TaskNoise each : tasks) {
      ObjectNode metric = node.withObjectProperty(each.task()).putObject(each.metric().name());
      metric
          .put("checkpoints", each.noise().checkpoints())
          .put("mean", each.noise().mean())
          .put("sd", each.noise().deviation());
      each.noise().signal().ifPresent(signal -> metric.put("signal", signal));
      each.noise().ratio().ifPresent(ratio -> metric.put("signal_over_noise", ratio));
    }
    return node;
  }

  private static ObjectNode score(ItemScore score, double error) {
    ObjectNode node = JSON.createObjectNode();
    node.put("value", score.score());
    putFinite(node, "stderr", error);
    if (score.isClustered()) {
      putFinite(node, "stderr_clustered", score.clusteredError());
      node.put("clusters", score.clusters());
    }
    node.put("n", score.n());
    return node;
  }

  private static void putFinite(ObjectNode node, String key, double value) {
    if (Double.isFinite(value)) node.put(key, value);
    else node.putNull(key);
  }
}
