package io.gemlab.experiments.eval.result;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Another evaluation's folder.
 *
 * @param folder where it is
 * @param model that answered there
 * @param tasks by their names
 */
public record EarlierResult(Path folder, ModelInfo model, Map<String, EarlierTask> tasks) {

  /**
   * A task of it.
   *
   * @param promptHash tells what was asked
   * @param scores by the metric's name
   * @param samples its items
   */
  public record EarlierTask(
      String promptHash, Map<String, Double> scores, List<SamplesFile.Sample> samples) {}

  /**
   * Reads it.
   *
   * @throws InvalidInput if it is none
   */
  public static EarlierResult read(Path folder) {
    Path file = folder.resolve(ResultsJson.FILE);
    if (!Files.exists(file)) {
      throw new InvalidInput(
          "%s has no %s; name a folder that gemlab eval wrote".formatted(folder, ResultsJson.FILE));
    }
    ObjectNode results = JsonFile.readObject(file);
    Map<String, EarlierTask> tasks = new LinkedHashMap<>();
    results
        .path("tasks")
        .properties()
        .forEach(task -> tasks.put(task.getKey(), task(folder, task.getKey(), task.getValue())));
    return new EarlierResult(folder, model(folder, results.path("model")), tasks);
  }

  private static EarlierTask task(Path folder, String name, JsonNode task) {
    Map<String, Double> scores = new LinkedHashMap<>();
    task.path("metrics")
        .properties()
        .forEach(metric -> scores.put(metric.getKey(), metric.getValue().path("value").asDouble()));
    return new EarlierTask(
        task.path("prompts_sha256").asText(),
        scores,
        SamplesFile.read(SamplesFile.in(folder, name)));
  }

  private static ModelInfo model(Path folder, JsonNode model) {
    return new ModelInfo(
        model.path("checkpoint").asText(folder.toString()),
        texts(model.path("sha256")),
        texts(model.path("settings")));
  }

  private static Map<String, String> texts(JsonNode node) {
    Map<String, String> texts = new TreeMap<>();
    node.properties().forEach(each -> texts.put(each.getKey(), each.getValue().asText()));
    return texts;
  }

  /** The model, in a few words. */
  public String name() {
    return Path.of(model.folder()).getFileName() + " in " + model.precision();
  }
}
