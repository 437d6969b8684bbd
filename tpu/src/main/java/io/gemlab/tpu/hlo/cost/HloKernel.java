package io.gemlab.tpu.hlo.cost;

import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.HloShapes;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An instruction of a compiled program that a device runs as one piece: a fusion, a product, a
 * copy. What only exchanges data with other devices is an {@link HloCollective}.
 *
 * @param name as the compiler calls it
 * @param kind opcode; of a fusion, its kind too: {@code fusion, output}
 * @param shape of the result, such as {@code bf16[2,3]}
 * @param path where in the model it comes from; of a fusion, what its last piece comes from
 * @param part what it works for
 * @param times how often it runs
 * @param cost of one run
 * @param cycles of one run as the compiler itself estimates them, where it does; libtpu does for
 *     most of what it lowers itself, not for what runs beside it, such as prefetching copies
 */
public record HloKernel(
    String name,
    String kind,
    String shape,
    String path,
    ModelPart part,
    double times,
    Cost cost,
    OptionalLong cycles) {
  /** In libtpu's backend configuration, which is JSON. */
  private static final Pattern CYCLES = Pattern.compile("\"estimated_cycles\":\"(\\d+)\"");

  /** The kernels of a compiled program, in no particular order. */
  public static List<HloKernel> of(HloModule module) {
    HloIndex index = new HloIndex(module);
    return CostItem.of(index, new HloWalk(index)).stream()
        .filter(item -> item.kernel().bytes() > 0 || item.kernel().flops() > 0)
        .filter(item -> !HloCollective.isCommunication(index, item.instruction()))
        .map(item -> of(item, path(item.instruction(), index)))
        .toList();
  }

  /** Its own, or else the last one in what it fuses. */
  private static String path(HloInstructionProto instruction, HloIndex index) {
    String own = instruction.getMetadata().getOpName();
    if (!own.isEmpty() || !instruction.getOpcode().equals("fusion")) return own;
    return index.called(instruction, 0).getInstructionsList().stream()
        .filter(fused -> !fused.getOpcode().equals("parameter"))
        .map(fused -> fused.getMetadata().getOpName())
        .filter(path -> !path.isEmpty())
        .reduce("", (_, last) -> last);
  }

  private static HloKernel of(CostItem item, String path) {
    HloInstructionProto instruction = item.instruction();
    String fusion = instruction.getFusionKind();
    return new HloKernel(
        instruction.getName(),
        instruction.getOpcode()
            + (fusion.isEmpty()
                ? ""
                : ", " + fusion.replaceFirst("^k", "").toLowerCase(Locale.ROOT)),
        HloShapes.text(instruction.getShape()),
        path,
        ModelPart.of(path).orElse(item.part()),
        item.times(),
        item.kernel(),
        cycles(instruction));
  }

  /** The largest long is libtpu's word for not estimated. */
  private static OptionalLong cycles(HloInstructionProto instruction) {
    Matcher matcher = CYCLES.matcher(instruction.getBackendConfig().toStringUtf8());
    if (!matcher.find()) return OptionalLong.empty();
    long cycles = Long.parseLong(matcher.group(1));
    return cycles == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(cycles);
  }

  /** Whether it runs beside what comes after it. */
  public boolean isAsynchronous() {
    return kind.endsWith("-start");
  }

  /** The least time that a chip needs for all its runs: arithmetic or memory, whichever is more. */
  public double seconds(Chip chip) {
    return times
        * Math.max(
            cost.flops() / chip.flopsPerSecond(), cost.bytes() / chip.memoryBytesPerSecond());
  }
}
