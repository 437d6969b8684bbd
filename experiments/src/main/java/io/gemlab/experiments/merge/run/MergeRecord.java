package io.gemlab.experiments.merge.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.BuildInfo;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a merge was made of and what came out, as a file beside the weights; while a merge runs it
 * holds the shards that are there.
 *
 * @param plan SHA-256 of all that the weights follow from, by which a stopped merge is known again
 * @param options in words
 * @param method its name
 * @param inputs SHA-256 of the models' files by their paths; empty until the merge is done
 * @param weights SHA-256 of the result's files of weights, as they were written
 * @param distances of these files where they are a front's: how far their values are from the
 *     base's, squared
 */
record MergeRecord(
    String plan,
    String options,
    String method,
    SortedMap<String, String> inputs,
    SortedMap<String, String> weights,
    SortedMap<String, Double> distances) {
  /** The file's name. */
  static final String FILE = "merge.json";

  private static final JsonMapper JSON = new JsonMapper();

  MergeRecord {
    inputs = Collections.unmodifiableSortedMap(new TreeMap<>(inputs));
    weights = Collections.unmodifiableSortedMap(new TreeMap<>(weights));
    distances = Collections.unmodifiableSortedMap(new TreeMap<>(distances));
  }

  /**
   * The record of a merge that has written nothing yet.
   *
   * @param plan as above
   */
  static MergeRecord begun(String plan, String options, String method) {
    return new MergeRecord(
        plan, options, method, new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
  }

  /** The record that a folder has, if it has one. */
  static Optional<MergeRecord> in(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) return Optional.empty();
    ObjectNode node = JsonFile.readObject(file);
    return Optional.of(
        new MergeRecord(
            text(node, "plan", file),
            text(node, "options", file),
            text(node, "method", file),
            hashes(node, "inputs"),
            hashes(node, "weights"),
            numbers(node, "squared_distances")));
  }

  MergeRecord withInputs(Map<String, String> sha256) {
    return new MergeRecord(plan, options, method, new TreeMap<>(sha256), weights, distances);
  }

  /**
   * @param squaredDistance from the base, if it was measured
   */
  MergeRecord withWeights(String file, String sha256, OptionalDouble squaredDistance) {
    SortedMap<String, String> more = new TreeMap<>(weights);
    more.put(file, sha256);
    SortedMap<String, Double> further = new TreeMap<>(distances);
    squaredDistance.ifPresent(squares -> further.put(file, squares));
    return new MergeRecord(plan, options, method, inputs, more, further);
  }

  /** Whether it is of a merge that came to its end. */
  boolean isDone() {
    return !inputs.isEmpty();
  }

  void write(Path folder) throws IOException {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("gemlab", BuildInfo.VERSION).put("method", method);
    node.put("options", options).put("plan", plan);
    inputs.forEach(node.putObject("inputs")::put);
    weights.forEach(node.putObject("weights")::put);
    if (!distances.isEmpty()) distances.forEach(node.putObject("squared_distances")::put);
    WholeFile.write(
        folder.resolve(FILE), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(node));
  }

  private static String text(ObjectNode node, String key, Path file) {
    if (node.path(key).isTextual()) return node.path(key).textValue();
    throw new InvalidInput(file + " has no " + key + ": it is no record of a merge");
  }

  private static SortedMap<String, String> hashes(ObjectNode node, String key) {
    SortedMap<String, String> hashes = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : node.path(key).properties()) {
      hashes.put(entry.getKey(), entry.getValue().asText());
    }
    return hashes;
  }

  private static SortedMap<String, Double> numbers(ObjectNode node, String key) {
    SortedMap<String, Double> numbers = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : node.path(key).properties()) {
      numbers.put(entry.getKey(), entry.getValue().doubleValue());
    }
    return numbers;
  }
}
