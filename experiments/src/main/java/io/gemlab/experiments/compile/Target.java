package io.gemlab.experiments.compile;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.tpu.hlo.cost.Chip;
import io.gemlab.tpu.mesh.TpuTopology;
import io.gemlab.tpu.pjrt.GpuTarget;
import io.gemlab.tpu.pjrt.TopologySpec;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a program is compiled for.
 *
 * @param name such as {@code v5p:2x2x4}, {@code v5p-32} or {@code h200:8}
 * @param described the name, its topology and what a device of it is
 * @param plugin whose compiler
 * @param topology as the plugin wants it
 * @param devices how many there are
 * @param chip what a device can do, where that is known
 */
record Target(
    String name,
    String described,
    PluginKind plugin,
    TopologySpec topology,
    int devices,
    Optional<Chip> chip) {

  /** TPU generations and GPUs in words, for messages. */
  static final List<String> KNOWN =
      Stream.concat(
              Arrays.stream(TpuTopology.Generation.values()).map(TpuTopology.Generation::label),
              Arrays.stream(GpuTarget.values()).map(GpuTarget::toString))
          .toList();

  /** A TPU as Google Cloud names it. */
  private static final Pattern TPU_TYPE = Pattern.compile("(v[2-6][a-z]*)-[0-9]+");

  /**
   * Reads a target.
   *
   * @throws InvalidInput if there is none of this name
   */
  static Target of(String text) {
    if (TPU_TYPE.matcher(text).matches()) return tpu(text);
    String[] words = text.split(":", 2);
    if (!KNOWN.contains(words[0])) throw NearestName.unknown("--target", words[0], KNOWN);
    for (GpuTarget gpu : GpuTarget.values()) {
      if (gpu.toString().equals(words[0])) return gpu(gpu, text, words.length < 2 ? "1" : words[1]);
    }
    return tpu(text);
  }

  private static Target tpu(String text) {
    TpuTopology slice = TpuTopology.parse(text);
    return new Target(
        text,
        described(text, slice),
        PluginKind.TPU,
        slice.spec(),
        slice.devices(),
        Chip.find(slice.generation().label()));
  }

  private static String described(String text, TpuTopology slice) {
    String topology = text.equals(slice.toString()) ? "" : slice + ", ";
    String chips = slice.chips() == 1 ? "1 chip:" : slice.chips() + " chips, each";
    return "%s (%s%s %s)".formatted(text, topology, chips, slice.generation().device());
  }

  private static Target gpu(GpuTarget gpu, String text, String count) {
    if (!count.matches("[0-9]{1,5}")) {
      throw new InvalidInput(
          "--target %s: give how many GPUs, such as %s:8".formatted(InvalidInput.shown(text), gpu));
    }
    int devices = Integer.parseInt(count);
    return new Target(
        text, text, PluginKind.CUDA, gpu.topology(devices), devices, Chip.find(gpu.toString()));
  }
}
