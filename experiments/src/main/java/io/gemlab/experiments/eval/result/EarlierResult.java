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
import java.util.Optional;

/**
 * Another evaluation's folder.
 *
 * @param folder where it is
 * @param name of the model that answered there
 * @param samples items by task
 */
public record EarlierResult(
    Path folder, String name, Map<String, List<SamplesFile.Sample>> samples) {

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
    Map<String, List<SamplesFile.Sample>> samples = new LinkedHashMap<>();
    results
        .path("tasks")
        .properties()
        .forEach(
            task ->
                samples.put(
                    task.getKey(), SamplesFile.read(SamplesFile.in(folder, task.getKey()))));
    return new EarlierResult(folder, name(folder, results), samples);
  }

  /** The score of a task by a metric; empty where it has none. */
  public Optional<Double> score(String task, String metric) {
    JsonNode value =
        JsonFile.readObject(folder.resolve(ResultsJson.FILE))
            .path("tasks")
            .path(task)
            .path("metrics")
            .path(metric)
            .path("value");
    return value.isNumber() ? Optional.of(value.doubleValue()) : Optional.empty();
  }

  private static String name(Path folder, ObjectNode results) {
    JsonNode model = results.path("model");
    return Path.of(model.path("checkpoint").asText(folder.toString())).getFileName()
        + " in "
        + model.path("settings").path("dtype").asText("?");
  }
}
