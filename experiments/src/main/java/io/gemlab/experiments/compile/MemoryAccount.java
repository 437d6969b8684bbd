package io.gemlab.experiments.compile;

import io.gemlab.tpu.hlo.HloModule;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a program's parameters are, in bytes of one device. */
record MemoryAccount(Map<Kind, Long> bytes) {
  /** What a parameter is. */
  enum Kind {
    WEIGHTS("weights"),
    OPTIMIZER("optimizer state"),
    BATCH("tokens and labels");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }

    private static Kind of(String parameter) {
      if (parameter.startsWith("model.")) return WEIGHTS;
      return parameter.startsWith("optimizer/") ? OPTIMIZER : BATCH;
    }
  }

  /** Adds up the parameters of a program as exported. */
  static MemoryAccount of(HloModule exported) {
    return of(exported, exported);
  }

  /**
   * Adds up the parameters of a compiled program: of a partitioned one, one device's parts.
   *
   * @param exported the same program before its compiler, which may spell their names otherwise
   */
  static MemoryAccount of(HloModule exported, HloModule optimized) {
    Map<Kind, Long> bytes = new EnumMap<>(Kind.class);
    List<String> names = exported.parameterNames();
    List<Long> sizes = optimized.parameterBytes();
    for (int i = 0; i < names.size(); i++) {
      bytes.merge(Kind.of(names.get(i)), sizes.get(i), Long::sum);
    }
    return new MemoryAccount(bytes);
  }

  long of(Kind kind) {
    return bytes.getOrDefault(kind, 0L);
  }

  long total() {
    return bytes.values().stream().mapToLong(Long::longValue).sum();
  }
}
