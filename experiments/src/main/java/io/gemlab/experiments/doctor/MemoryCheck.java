package io.gemlab.experiments.doctor;

import com.sun.management.OperatingSystemMXBean;
import io.gemlab.experiments.run.Bytes;
import io.gemlab.graph.base.process.FreeMemory;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** Memory, and which models fit it. */
public final class MemoryCheck {
  private static final String SUBJECT = "memory";

  /** What is needed for the ablations that Gemlab is for. */
  private static final String LEAST = "ablation";

  private static final int BFLOAT16 = 2;

  /** float32 weights, gradients and two moments, and the weights in bfloat16. */
  private static final int TRAINING = 4 + 4 + 8 + 2;

  private MemoryCheck() {}

  static Check examine() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long total = system.getTotalMemorySize();
    return of(total, Math.min(total, FreeMemory.bytes().orElseGet(system::getFreeMemorySize)));
  }

  static Check of(long total, long available) {
    List<String> found = new ArrayList<>();
    found.add(Bytes.text(total) + " in all, " + Bytes.text(available) + " available");
    for (String preset : Gemma2Presets.NAMES) {
      long parameters = parameters(preset);
      found.add(
          "%-11s inference in bfloat16: %s; training: %s"
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
            "free " + Bytes.text(parameters(LEAST) * TRAINING) + ", or give the container as much");
  }

  private static String verdict(long bytes, long available) {
    return Bytes.text(bytes) + (bytes <= available ? ", fits" : ", does not fit");
  }

  private static long parameters(String preset) {
    return WeightSpec.parameters(Gemma2Presets.config(preset));
  }
}
