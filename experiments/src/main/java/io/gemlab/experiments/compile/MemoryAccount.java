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

  /** Adds up a program's parameters; of a partitioned program, one device's parts. */
  static MemoryAccount of(HloModule module) {
    Map<Kind, Long> bytes = new EnumMap<>(Kind.class);
    List<String> names = module.parameterNames();
    List<Long> sizes = module.parameterBytes();
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
