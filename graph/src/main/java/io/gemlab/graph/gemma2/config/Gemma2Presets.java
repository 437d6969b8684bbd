package io.gemlab.graph.gemma2.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.gemlab.graph.base.input.NearestName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The published models and small ones for ablation, each a YAML file of Hugging Face's keys. */
public final class Gemma2Presets {
  /** All names, the published ones first. */
  public static final List<String> NAMES =
      List.of("gemma2-2b", "gemma2-9b", "gemma2-27b", "gemma3-270m", "ablation", "tiny", "layer2b");

  private static final YAMLMapper YAML = new YAMLMapper();

  private Gemma2Presets() {}

  /**
   * A preset's config.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if there is none of this name
   */
  public static Gemma2Config config(String name) {
    return ConfigJson.read(json(name), "preset " + name);
  }

  /** A preset's keys, to be changed and read. */
  public static ObjectNode json(String name) {
    if (!NAMES.contains(name)) throw NearestName.unknown("preset", name, NAMES);
    try (InputStream yaml = Gemma2Presets.class.getResourceAsStream("presets/" + name + ".yaml")) {
      return (ObjectNode) YAML.readTree(yaml);
    } catch (IOException e) {
      throw new UncheckedIOException("the build lost preset " + name, e);
    }
  }
}
