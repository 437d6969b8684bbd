package io.gemlab.reports.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The processor.
 *
 * @param model as its maker calls it
 * @param features the vector and matrix instructions that decide how fast a matrix product can be
 */
public record CpuInfo(String model, List<String> features) {
  private static final Pattern ARITHMETIC =
      Pattern.compile("(sse4_|avx|amx|fma|f16c|asimd|sve|sme|bf16|i8mm|fphp).*");

  /** The processor of this machine, with "unknown" for what it does not tell. */
  public static CpuInfo here() {
    try {
      return parse(Files.readString(Path.of("/proc/cpuinfo")));
    } catch (IOException e) {
      // No Linux. macOS answers by sysctl, and all its processors have the same features.
      return new CpuInfo(
          ShellCommand.output(Path.of("."), List.of("sysctl", "-n", "machdep.cpu.brand_string"))
              .orElse("unknown"),
          List.of());
    }
  }

  /** Reads what Linux writes to {@code /proc/cpuinfo}, on x86 and on ARM. */
  static CpuInfo parse(String cpuinfo) {
    List<String> words = new ArrayList<>(List.of(field(cpuinfo, "flags").orElse("").split(" ")));
    words.addAll(List.of(field(cpuinfo, "Features").orElse("").split(" ")));
    Optional<String> armPart =
        field(cpuinfo, "CPU part")
            .map(
                part ->
                    "ARM implementer "
                        + field(cpuinfo, "CPU implementer").orElse("unknown")
                        + " part "
                        + part);
    return new CpuInfo(
        field(cpuinfo, "model name").or(() -> armPart).orElse("unknown"),
        words.stream().filter(ARITHMETIC.asMatchPredicate()).distinct().sorted().toList());
  }

  /** The field of the first processor listed. */
  private static Optional<String> field(String cpuinfo, String name) {
    return Stream.of(cpuinfo.split("\n"))
        .map(line -> line.split(":", 2))
        .filter(parts -> parts.length == 2 && parts[0].strip().equals(name))
        .map(parts -> parts[1].strip())
        .findFirst();
  }
}
