package io.gemlab.experiments.doctor;

import com.sun.management.OperatingSystemMXBean;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Memory, and which models fit it. */
public final class MemoryCheck {
  private static final String SUBJECT = "memory";
  private static final Path MEMINFO = Path.of("/proc/meminfo");

  /** What is needed for the ablations that Gemlab is for. */
  private static final String LEAST = "ablation";

  private static final int BFLOAT16 = 2;

  private static final long GIB = 1 << 30;

  /** float32 weights, gradients and two moments, and the weights in bfloat16. */
  private static final int TRAINING = 4 + 4 + 8 + 2;

  private MemoryCheck() {}

  static Check examine() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long total = system.getTotalMemorySize();
    return of(total, Math.min(total, available(system)));
  }

  static Check of(long total, long available) {
    List<String> found = new ArrayList<>();
    found.add(gib(total) + " in all, " + gib(available) + " available");
    for (String preset : Gemma2Presets.NAMES) {
      long parameters = parameters(preset);
      found.add(
          "%-10s inference in bfloat16: %s; training: %s"
              .formatted(
                  preset,
                  verdict(parameters * BFLOAT16, available),
                  verdict(parameters * TRAINING, available)));
    }
    found.add("parameters and their optimizer state alone; activations come on top");
    return parameters(LEAST) * TRAINING <= available
        ? Check.ok(SUBJECT, found)
        : Check.missing(
            SUBJECT,
            found,
            "free " + gib(parameters(LEAST) * TRAINING) + ", or give the container as much");
  }

  private static String verdict(long bytes, long available) {
    return gib(bytes) + (bytes <= available ? ", fits" : ", does not fit");
  }

  private static long parameters(String preset) {
    return WeightSpec.parameters(Gemma2Presets.config(preset));
  }

  /** What Linux could give without swapping; elsewhere what is free. */
  private static long available(OperatingSystemMXBean system) {
    if (!Files.isReadable(MEMINFO)) return system.getFreeMemorySize();
    try (Stream<String> lines = Files.lines(MEMINFO)) {
      return lines
          .filter(line -> line.startsWith("MemAvailable:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) << 10)
          .findFirst()
          .orElseGet(system::getFreeMemorySize);
    } catch (IOException e) {
      return system.getFreeMemorySize();
    }
  }

  /** A number of bytes for a person: GiB, or MiB where it is few. */
  public static String gib(long bytes) {
    if (bytes < GIB / 10) return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    return String.format(Locale.ROOT, "%.2f GiB", bytes / (double) GIB);
  }
}
