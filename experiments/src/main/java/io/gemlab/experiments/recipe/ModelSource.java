package io.gemlab.experiments.recipe;

import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import java.nio.file.Path;

/**
 * The model whose sizes a program has: a preset, or a config's.
 *
 * @param name what a report calls it
 * @param key what {@link #of} finds it by, in another process too
 * @param config its sizes
 */
public record ModelSource(String name, String key, Gemma2Config config) {

  /**
   * A preset.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if there is none of this name
   */
  public static ModelSource preset(String name) {
    return new ModelSource(name, name, Gemma2Presets.config(name));
  }

  /**
   * A {@code config.json}.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if it is none
   */
  public static ModelSource file(Path file) {
    Path place = file.toAbsolutePath().normalize();
    Path folder = place.getParent().getFileName();
    String name = (folder == null ? "" : folder + "/") + place.getFileName();
    return new ModelSource(name, place.toString(), ConfigJson.read(file));
  }

  /** The model of a {@link #key}. */
  public static ModelSource of(String key) {
    return Path.of(key).isAbsolute() ? file(Path.of(key)) : preset(key);
  }
}
