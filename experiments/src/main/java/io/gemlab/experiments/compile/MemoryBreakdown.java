package io.gemlab.experiments.compile;

import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.tpu.mesh.ShardingPlan;
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

    private static Kind of(GraphFunction.Input parameter) {
      if (parameter.role().isEmpty()) return BATCH;
      return switch (parameter.role().get()) {
        case WEIGHT, ADAPTER, TEACHER -> WEIGHTS;
        case MOMENT, EMA, GRADIENT, STEP, LOSS_SCALE -> OPTIMIZER;
        case CACHE, TOKEN -> CACHE;
      };
    }
  }

  /**
   * Adds up a program's parameters.
   *
   * @param function the program, whose inputs are its parameters
   * @param sizes bytes of each that a device holds
   */
  static MemoryBreakdown of(GraphFunction function, List<Long> sizes) {
    return of(function.inputs(), sizes);
  }

  private static MemoryBreakdown of(List<GraphFunction.Input> parameters, List<Long> sizes) {
    Map<Kind, Long> bytes = new EnumMap<>(Kind.class);
    for (int i = 0; i < parameters.size(); i++) {
      bytes.merge(Kind.of(parameters.get(i)), sizes.get(i), Long::sum);
    }
    return new MemoryBreakdown(bytes);
  }

  /** Adds up what lies on a device beside a program, by the plan. */
  static MemoryBreakdown beside(CompileCase compileCase) {
    if (compileCase.beside().isEmpty()) return new MemoryBreakdown(Map.of());
    ShardingPlan plan = compileCase.plan();
    return of(compileCase.beside(), compileCase.beside().stream().map(plan::bytes).toList());
  }

  /** Both together. */
  MemoryBreakdown plus(MemoryBreakdown other) {
    Map<Kind, Long> sum = new EnumMap<>(Kind.class);
    sum.putAll(bytes);
    other.bytes.forEach((kind, more) -> sum.merge(kind, more, Long::sum));
    return new MemoryBreakdown(sum);
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
