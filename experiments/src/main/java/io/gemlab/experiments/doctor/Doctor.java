package io.gemlab.experiments.doctor;

import io.gemlab.tpu.pjrt.plugin.PluginKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Makes all checks, cheap ones first. */
public final class Doctor {
  private static final Map<String, Supplier<Check>> EXAMINATIONS = examinations();

  private Doctor() {}

  private static Map<String, Supplier<Check>> examinations() {
    Map<String, Supplier<Check>> all = new LinkedHashMap<>();
    all.put("the environment", EnvironmentCheck::examine);
    all.put("the JDK", JavaCheck::examine);
    all.put("the processor", CpuCheck::examine);
    all.put("memory", MemoryCheck::examine);
    all.put("disk", DiskCheck::examine);
    all.put("TensorFlow", TensorFlowCheck::examine);
    all.put("XLA", XlaCheck::examine);
    for (PluginKind kind : PluginKind.values()) {
      all.put(kind + " plugin", () -> PluginCheck.examine(kind, System.getenv()));
    }
    all.put("matrix products and memory", RatesCheck::examine);
    return all;
  }

  /** How many checks there are. */
  public static int count() {
    return EXAMINATIONS.size();
  }

  /**
   * @param watcher told what is looked at next
   */
  public static List<Check> examine(Consumer<String> watcher) {
    List<Check> checks = new ArrayList<>();
    EXAMINATIONS.forEach(
        (subject, examination) -> {
          watcher.accept(subject);
          checks.add(examination.get());
        });
    return checks;
  }

  /** Whether nothing is missing that Gemlab needs. */
  public static boolean healthy(List<Check> checks) {
    return checks.stream().noneMatch(check -> check.verdict() == Check.Verdict.MISSING);
  }
}
