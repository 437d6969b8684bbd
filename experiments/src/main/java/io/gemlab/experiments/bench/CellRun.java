package io.gemlab.experiments.bench;

import io.gemlab.experiments.bench.CellResult.Measured;
import io.gemlab.experiments.bench.CellResult.Refused;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.TokenBatch;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.Profile;
import io.gemlab.graph.tensor.HostTensor;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.choice.Support;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Runs a cell in this process: fresh weights, random tokens, calls to warm up, calls timed, one
 * profiled.
 */
record CellRun(BenchPlan plan, BenchPlan.Cell cell) {
  /** The first call compiles, and the one after it may still. */
  static final int WARM_UP = 3;

  private static final long SEED = 1;

  /** Calls that {@link #run} tells of. */
  static int calls(BenchPlan plan) {
    return WARM_UP + plan.samples() + 1;
  }

  /**
   * @param called told of each call
   */
  CellResult run(Runnable called) {
    Instant started = Instant.now();
    Gemma2Model<?> model = plan.model();
    GraphFunction function = cell.program().trace(model, plan.batch());
    if (cell.path().supports(function) instanceof Support.Unsupported refusal) {
      return new Refused(cell, started, refusal);
    }
    boolean fromHere = PeakMemory.reset();
    try (Executable executable = cell.path().load(List.of(function))) {
      cell.program().assign(model, executable);
      Map<String, HostTensor> arguments = cell.program().arguments(batch());
      for (int call = 0; call < WARM_UP; call++) time(executable, arguments, called);
      List<Double> seconds = new ArrayList<>();
      for (int sample = 0; sample < plan.samples(); sample++) {
        seconds.add(time(executable, arguments, called));
      }
      OptionalLong peak = fromHere ? PeakMemory.bytes() : OptionalLong.empty();
      Profile profile = executable.profile(Program.FUNCTION, arguments);
      called.run();
      return new Measured(
          cell,
          started,
          Instant.now(),
          seconds,
          0,
          executable.report(Program.FUNCTION),
          peak,
          profile);
    }
  }

  private static double time(
      Executable executable, Map<String, HostTensor> arguments, Runnable called) {
    long start = System.nanoTime();
    executable.run(Program.FUNCTION, arguments).close();
    double seconds = (System.nanoTime() - start) / 1e9;
    called.run();
    return seconds;
  }

  /** Tokens at random, the same in every cell. */
  private TokenBatch batch() {
    int[][] ids = new int[plan.batch().rows()][plan.batch().length()];
    Random random = new Random(SEED);
    for (int[] row : ids) {
      for (int t = 0; t < row.length; t++) {
        row[t] = random.nextInt(plan.source().config().vocabSize());
      }
    }
    return TokenBatch.of(ids);
  }
}
