package io.gemlab.experiments.compile;

import io.gemlab.graph.generate.DecodeStep;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a program's parameters are, in bytes of one device. */
record MemoryBreakdown(Map<Kind, Long> bytes) {
  /** What a parameter is. */
  enum Kind {
    WEIGHTS("weights"),
    OPTIMIZER("optimizer state"),
    CACHE("key-value cache"),
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
      if (parameter.startsWith(DecodeStep.CACHE)) return CACHE;
      return parameter.startsWith("optimizer/") ? OPTIMIZER : BATCH;
    }
  }

  /**
   * Adds up a program's parameters.
   *
   * @param names of each, as exported: a compiler may spell them otherwise
   * @param sizes bytes of each that a device holds
   */
  static MemoryBreakdown of(List<String> names, List<Long> sizes) {
    Map<Kind, Long> bytes = new EnumMap<>(Kind.class);
    for (int i = 0; i < names.size(); i++) {
      bytes.merge(Kind.of(names.get(i)), sizes.get(i), Long::sum);
    }
    return new MemoryBreakdown(bytes);
  }

  /** Kinds of which there is something. */
  List<Kind> kinds() {
    return List.copyOf(bytes.keySet());
  }

  long of(Kind kind) {
    return bytes.getOrDefault(kind, 0L);
  }

  long total() {
    return bytes.values().stream().mapToLong(Long::longValue).sum();
  }
}
