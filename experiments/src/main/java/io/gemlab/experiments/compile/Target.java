package io.gemlab.experiments.compile;

import io.gemlab.graph.InvalidInput;
import io.gemlab.graph.NearestName;
import io.gemlab.tpu.hlo.Chip;
import io.gemlab.tpu.mesh.TpuTopology;
import io.gemlab.tpu.pjrt.GpuTarget;
import io.gemlab.tpu.pjrt.PluginKind;
import io.gemlab.tpu.pjrt.TopologySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a program is compiled for.
 *
 * @param name such as {@code v5p:2x2x4} or {@code h200:8}
 * @param plugin whose compiler
 * @param topology as the plugin wants it
 * @param devices how many there are
 * @param chip what a device can do, where that is known
 */
record Target(
    String name, PluginKind plugin, TopologySpec topology, int devices, Optional<Chip> chip) {

  /** TPU generations and GPUs in words, for messages. */
  private static final List<String> KNOWN =
      Stream.concat(
              Arrays.stream(TpuTopology.Generation.values()).map(TpuTopology.Generation::label),
              Arrays.stream(GpuTarget.values()).map(GpuTarget::toString))
          .toList();

  /**
   * Reads a target.
   *
   * @throws InvalidInput if there is none of this name
   */
  static Target of(String text) {
    String[] words = text.split(":", 2);
    if (!KNOWN.contains(words[0])) throw NearestName.unknown("--target", words[0], KNOWN);
    for (GpuTarget gpu : GpuTarget.values()) {
      if (gpu.toString().equals(words[0])) return gpu(gpu, text, words.length < 2 ? "1" : words[1]);
    }
    TpuTopology slice = TpuTopology.parse(text);
    return new Target(
        text, PluginKind.TPU, slice.spec(), slice.devices(), chip(slice.generation().label()));
  }

  private static Target gpu(GpuTarget gpu, String text, String count) {
    if (!count.matches("[0-9]{1,5}")) {
      throw new InvalidInput(
          "--target %s: give how many GPUs, such as %s:8".formatted(InvalidInput.shown(text), gpu));
    }
    int devices = Integer.parseInt(count);
    return new Target(text, PluginKind.CUDA, gpu.topology(devices), devices, chip(gpu.toString()));
  }

  private static Optional<Chip> chip(String label) {
    return Arrays.stream(Chip.values()).filter(chip -> chip.label().equals(label)).findFirst();
  }
}
