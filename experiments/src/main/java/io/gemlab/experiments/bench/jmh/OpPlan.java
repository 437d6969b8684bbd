package io.gemlab.experiments.bench.jmh;

import io.gemlab.experiments.recipe.ModelSource;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.ops.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which ops are timed, and how thoroughly.
 *
 * @param source the model that they have their sizes from
 * @param precision the type computed in
 * @param ops 1 or more
 * @param paths 1 or more
 * @param batch rows of tokens
 * @param lengths tokens in a row, 1 or more
 * @param effort how thoroughly
 */
public record OpPlan(
    ModelSource source,
    Precision precision,
    List<BenchmarkedOp> ops,
    List<ExecutionPath> paths,
    int batch,
    List<Integer> lengths,
    Effort effort) {
  /** How thoroughly an op is timed. */
  public enum Effort {
    /** Both passes, five seconds of each. */
    FULL(2, 5, 1000, List.of(OpProgram.Pass.values())),
    /** The forward pass, half a second of each. */
    QUICK(1, 5, 100, List.of(OpProgram.Pass.FORWARD));

    private final int warmups;
    private final int iterations;
    private final int millis;
    private final List<OpProgram.Pass> passes;

    Effort(int warmups, int iterations, int millis, List<OpProgram.Pass> passes) {
      this.warmups = warmups;
      this.iterations = iterations;
      this.millis = millis;
      this.passes = passes;
    }

    int warmups() {
      return warmups;
    }

    int iterations() {
      return iterations;
    }

    /** Milliseconds of an iteration. */
    int millis() {
      return millis;
    }

    List<OpProgram.Pass> passes() {
      return passes;
    }
  }

  public OpPlan {
    ops = List.copyOf(ops);
    paths = List.copyOf(paths);
    lengths = List.copyOf(lengths);
    if (batch < 1) throw new InvalidInput("--batch is " + batch + "; give 1 or more");
    for (int length : lengths) {
      if (length < 1) throw new InvalidInput("--length is " + length + "; give 1 or more");
    }
  }

  /** The ops of a command line's words; all where there are none. */
  public static List<BenchmarkedOp> ops(List<String> labels) {
    List<String> known = Arrays.stream(BenchmarkedOp.values()).map(BenchmarkedOp::label).toList();
    if (labels.isEmpty()) return List.of(BenchmarkedOp.values());
    List<BenchmarkedOp> ops = new ArrayList<>();
    for (String label : labels) {
      if (!known.contains(label)) throw NearestName.unknown("op", label, known);
      ops.add(BenchmarkedOp.values()[known.indexOf(label)]);
    }
    return ops;
  }

  /** How many benchmarks that makes. */
  public int benchmarks() {
    return ops.size() * effort.passes().size() * paths.size() * lengths.size();
  }
}
