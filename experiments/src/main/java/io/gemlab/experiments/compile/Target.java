package io.gemlab.experiments.compile;

import io.gemlab.graph.InvalidInput;
import io.gemlab.graph.NearestName;
import io.gemlab.tpu.hlo.Chip;
import io.gemlab.tpu.pjrt.GpuTarget;
import io.gemlab.tpu.pjrt.NamedValue;
import io.gemlab.tpu.pjrt.PluginKind;
import io.gemlab.tpu.pjrt.TopologySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a program is compiled for.
 *
 * @param name such as {@code v5p:1x1x1} or {@code h200}
 * @param plugin whose compiler
 * @param topology as the plugin wants it
 * @param chip what it can do, where that is known
 */
record Target(String name, PluginKind plugin, TopologySpec topology, Optional<Chip> chip) {
  private static final int MOST_CHIPS_A_SIDE = 64;

  /** TPU generations by their number of dimensions. */
  private enum Generation {
    V4("v4", 3),
    V5E("v5e", 2),
    V5P("v5p", 3),
    V6E("v6e", 2),
    TPU7X("tpu7x", 3);

    private final String label;
    private final int dimensions;

    Generation(String label, int dimensions) {
      this.label = label;
      this.dimensions = dimensions;
    }
  }

  /** Generations in words, for messages. */
  private static final List<String> KNOWN =
      Stream.concat(
              Arrays.stream(Generation.values()).map(generation -> generation.label),
              Arrays.stream(GpuTarget.values()).map(GpuTarget::toString))
          .toList();

  /**
   * Reads a target.
   *
   * @throws InvalidInput if there is none of this name
   */
  static Target of(String text) {
    String[] words = text.split(":", 2);
    for (GpuTarget gpu : GpuTarget.values()) {
      if (gpu.toString().equals(words[0])) return gpu(gpu, text);
    }
    Generation generation =
        Arrays.stream(Generation.values())
            .filter(one -> one.label.equals(words[0]))
            .findFirst()
            .orElseThrow(() -> NearestName.unknown("--target", words[0], KNOWN));
    List<Integer> shape = shape(generation, text, words.length < 2 ? "" : words[1]);
    if (shape.stream().mapToInt(Integer::intValue).sum() > shape.size()) {
      throw new InvalidInput(
          "--target %s has several chips, and meshes are not there yet; give %s:%s"
              .formatted(
                  InvalidInput.shown(text),
                  generation.label,
                  "1" + "x1".repeat(generation.dimensions - 1)));
    }
    return new Target(
        text, PluginKind.TPU, new TopologySpec(text, options(generation)), chip(generation.label));
  }

  private static Target gpu(GpuTarget gpu, String text) {
    if (!text.equals(gpu.toString()) && !text.equals(gpu + ":1")) {
      throw new InvalidInput(
          "--target %s: meshes over several GPUs are not there yet; give %s"
              .formatted(InvalidInput.shown(text), gpu));
    }
    return new Target(text, PluginKind.CUDA, gpu.topology(1), chip(gpu.toString()));
  }

  private static Optional<Chip> chip(String label) {
    return Arrays.stream(Chip.values()).filter(chip -> chip.label().equals(label)).findFirst();
  }

  private static List<Integer> shape(Generation generation, String text, String shape) {
    String example = "2" + "x2".repeat(generation.dimensions - 1);
    String[] sides = shape.split("x", -1);
    if (!shape.matches("[0-9]{1,3}(x[0-9]{1,3})*") || sides.length != generation.dimensions) {
      throw new InvalidInput(
          "--target %s: a %s slice has %d sides; give chips a side, such as %s:%s"
              .formatted(
                  InvalidInput.shown(text),
                  generation.label,
                  generation.dimensions,
                  generation.label,
                  example));
    }
    List<Integer> chips = Arrays.stream(sides).map(Integer::valueOf).toList();
    if (chips.stream().anyMatch(side -> side < 1 || side > MOST_CHIPS_A_SIDE)) {
      throw new InvalidInput(
          "--target %s: a side is from 1 to %d chips"
              .formatted(InvalidInput.shown(text), MOST_CHIPS_A_SIDE));
    }
    return chips;
  }

  /** A host of the three-dimensional generations has 2x2x1 chips unless told otherwise. */
  private static List<NamedValue> options(Generation generation) {
    return generation.dimensions == 2
        ? List.of()
        : List.of(new NamedValue.Wholes("chips_per_host_bounds", List.of(1L, 1L, 1L)));
  }
}
