package io.gemlab.experiments.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.reports.record.Checkpoint;
import io.gemlab.reports.record.Data;
import io.gemlab.reports.record.Identity;
import io.gemlab.reports.record.Teacher;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What shapes a run and no other of its study: a record belongs to the run whose settings it holds.
 *
 * @param values every resolved setting
 * @param data the text it reads; empty where it reads none
 * @param checkpoint the folder of the weights it begins with; empty where they are fresh
 * @param teacher the file of what a teacher said of the text; empty where none did
 */
public record RunSettings(
    ObjectNode values, Optional<DataSpec> data, Optional<Path> checkpoint, Optional<Path> teacher) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

  private static final int SETTINGS_NAMED = 4;

  /** Those of a run that reads nothing. */
  public static RunSettings alone(ObjectNode values) {
    return new RunSettings(values, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** As a record holds them. */
  Identity identity(DataHashes hashes) {
    Identity.Builder identity =
        Identity.newBuilder().setSettings(text()).setSettingsSha256(Sha256.of(text()));
    data.ifPresent(spec -> identity.setData(hashes.of(spec)));
    checkpoint.ifPresent(folder -> identity.setCheckpoint(hashes.of(folder)));
    teacher.ifPresent(file -> identity.setTeacher(hashes.ofTeacher(file)));
    return identity.build();
  }

  /**
   * What a record's settings say otherwise than these, for people; empty where nothing does, and
   * where the record holds none.
   *
   * @param hashes reads a text or weights only where their name is not the record's, unless {@link
   *     DataHashes#reading} says so
   */
  Optional<String> difference(Identity recorded, DataHashes hashes) {
    if (recorded.getSettings().isEmpty()) return Optional.empty();
    List<String> differences = new ArrayList<>();
    if (!recorded.getSettingsSha256().equals(Sha256.of(text()))) {
      SortedMap<String, String> before = flat(parsed(recorded.getSettings()));
      SortedMap<String, String> now = flat(values);
      SortedMap<String, String> all = new TreeMap<>(before);
      all.putAll(now);
      for (String key : all.keySet()) {
        String was = before.getOrDefault(key, "absent");
        String is = now.getOrDefault(key, "absent");
        if (!was.equals(is)) differences.add("%s %s, now %s".formatted(key, was, is));
      }
    }
    data.ifPresent(spec -> differences.addAll(difference(recorded.getData(), spec, hashes)));
    checkpoint
        .flatMap(folder -> difference(recorded.getCheckpoint(), folder, hashes))
        .ifPresent(differences::add);
    teacher
        .flatMap(file -> difference(recorded.getTeacher(), file, hashes))
        .ifPresent(differences::add);
    if (differences.isEmpty()) return Optional.empty();
    int more = differences.size() - SETTINGS_NAMED;
    String named = String.join("; ", differences.stream().limit(SETTINGS_NAMED).toList());
    return Optional.of(more > 0 ? named + " and " + more + " more" : named);
  }

  private static List<String> difference(Data recorded, DataSpec spec, DataHashes hashes) {
    if (hashes.taken(recorded, spec)) return List.of();
    Data now = hashes.of(spec);
    List<String> differences = new ArrayList<>();
    if (!recorded.getCorpusSha256().equals(now.getCorpusSha256())) {
      differences.add(
          "the text of corpus %s, %s, now %s of %s"
              .formatted(
                  recorded.getCorpus(),
                  shortened(recorded.getCorpusSha256()),
                  shortened(now.getCorpusSha256()),
                  now.getCorpus()));
    }
    if (!recorded.getTokenizerSha256().equals(now.getTokenizerSha256())) {
      differences.add(
          "tokenizer %s, now %s or its file is another"
              .formatted(recorded.getTokenizer(), now.getTokenizer()));
    }
    return differences;
  }

  private static Optional<String> difference(Checkpoint recorded, Path folder, DataHashes hashes) {
    if (hashes.taken(recorded, folder)) return Optional.empty();
    Checkpoint now = hashes.of(folder);
    if (recorded.getSha256().equals(now.getSha256())) return Optional.empty();
    return Optional.of(
        "the weights of checkpoint %s, %s, now %s of %s"
            .formatted(
                recorded.getFolder(),
                shortened(recorded.getSha256()),
                shortened(now.getSha256()),
                now.getFolder()));
  }

  private static Optional<String> difference(Teacher recorded, Path file, DataHashes hashes) {
    if (hashes.taken(recorded, file)) return Optional.empty();
    Teacher now = hashes.ofTeacher(file);
    if (recorded.getSha256().equals(now.getSha256())) return Optional.empty();
    return Optional.of(
        "what the teacher of %s said, %s, now %s of %s"
            .formatted(
                recorded.getFile(),
                shortened(recorded.getSha256()),
                shortened(now.getSha256()),
                now.getFile()));
  }

  private static String shortened(String sha256) {
    return "SHA-256 " + sha256.substring(0, Math.min(12, sha256.length()));
  }

  private String text() {
    try {
      return JSON.writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode parsed(String settings) {
    try {
      return JSON.readTree(settings);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("settings of a record", e);
    }
  }

  /** The values that are no mappings, by their keys with dots between. */
  private static SortedMap<String, String> flat(JsonNode node) {
    SortedMap<String, String> flat = new TreeMap<>();
    flatten("", node, flat);
    return flat;
  }

  private static void flatten(String key, JsonNode node, SortedMap<String, String> into) {
    if (!node.isObject()) {
      into.put(key, node.toString());
      return;
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      flatten(key.isEmpty() ? entry.getKey() : key + "." + entry.getKey(), entry.getValue(), into);
    }
  }
}
