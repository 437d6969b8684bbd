package io.gemlab.experiments.eval.result;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.eval.metric.Measured;
import io.gemlab.experiments.eval.metric.Metric;
import io.gemlab.experiments.eval.request.Answer;
import io.gemlab.experiments.eval.task.PromptHash;
import io.gemlab.experiments.eval.task.TaskItem;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.JsonLines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code samples_TASK.jsonl}: what was said to each item, and what each metric made of it. */
public final class SamplesFile {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int HASH_DIGITS = 16;

  private SamplesFile() {}

  /** The file of a task. */
  public static Path in(Path folder, String task) {
    return folder.resolve("samples_" + task.replaceAll("[^A-Za-z0-9._-]", "_") + ".jsonl");
  }

  /**
   * An item of another evaluation, as far as it is compared.
   *
   * @param promptHash of what was asked
   * @param cluster as in {@link ItemResult#cluster}
   * @param metrics values by the metric's name
   */
  public record Sample(int id, String promptHash, String cluster, Map<String, Measured> metrics) {}

  /** Writes the items of a task. */
  public static void write(Path folder, TaskResult result) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (ItemResult item : result.items()) lines.append(line(item)).append('\n');
    WholeFile.write(
        in(folder, result.task().name()), lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** An item as it would be read back. */
  public static Sample sample(ItemResult item) {
    Map<String, Measured> metrics = new LinkedHashMap<>();
    item.judged().metrics().forEach((metric, value) -> metrics.put(metric.name(), value));
    return new Sample(item.item().id(), hash(item.item()), item.cluster(), metrics);
  }

  private static String hash(TaskItem item) {
    return PromptHash.of(List.of(item)).substring(0, HASH_DIGITS);
  }

  private static String line(ItemResult item) {
    ObjectNode node = JSON.createObjectNode();
    node.put("doc_id", item.item().id());
    node.put("prompt_hash", hash(item.item()));
    item.item().cluster().ifPresent(cluster -> node.put("cluster", cluster));
    if (item.item().expected() instanceof TaskItem.Expected.Choice choice) {
      node.set("gold", JSON.valueToTree(choice.right()));
    }
    ArrayNode likelihoods = JSON.createArrayNode();
    ArrayNode greedy = JSON.createArrayNode();
    ArrayNode tokens = JSON.createArrayNode();
    for (Answer answer : item.answers()) {
      switch (answer) {
        case Answer.Likelihood likelihood -> {
          likelihoods.add(likelihood.logLikelihood());
          greedy.add(likelihood.greedy());
          tokens.add(likelihood.tokens());
        }
        case Answer.Text text -> {
          node.put("text", text.text());
          tokens.add(text.tokens());
        }
      }
    }
    if (!likelihoods.isEmpty()) {
      node.set("loglikelihoods", likelihoods);
      node.set("greedy", greedy);
    }
    node.set("tokens", tokens);
    if (!item.judged().extracted().isEmpty()) {
      node.set("extracted", JSON.valueToTree(item.judged().extracted()));
    }
    ObjectNode metrics = node.putObject("metrics");
    for (Map.Entry<Metric, Measured> each : item.judged().metrics().entrySet()) {
      Measured measured = each.getValue();
      if (measured.weight() == 1) metrics.put(each.getKey().name(), measured.value());
      else {
        metrics
            .putObject(each.getKey().name())
            .put("value", measured.value())
            .put("weight", measured.weight());
      }
    }
    try {
      return JSON.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads a task's items.
   *
   * @throws InvalidInput if the file can't be read, or is not as one is written
   */
  public static List<Sample> read(Path file) {
    List<Sample> samples = new ArrayList<>();
    JsonLines.forEach(
        file,
        (line, number) -> {
          if (!line.path("doc_id").isInt() || !line.path("metrics").isObject()) {
            throw new InvalidInput(
                "%s, line %d is no item of an evaluation; name a folder that gemlab eval wrote"
                    .formatted(file, number));
          }
          samples.add(sample(line));
        });
    return samples;
  }

  private static Sample sample(JsonNode line) {
    Map<String, Measured> metrics = new LinkedHashMap<>();
    line.get("metrics")
        .properties()
        .forEach(each -> metrics.put(each.getKey(), measured(each.getValue())));
    int id = line.get("doc_id").intValue();
    return new Sample(
        id,
        line.path("prompt_hash").asText(),
        line.path("cluster").asText("document " + id),
        metrics);
  }

  private static Measured measured(JsonNode value) {
    return value.isObject()
        ? new Measured(value.path("value").doubleValue(), value.path("weight").doubleValue())
        : new Measured(value.doubleValue(), 1);
  }
}
