package io.gemlab.experiments.program;

import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.Records;
import io.gemlab.graph.base.process.ProcessMemory;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.MatmulFlops;
import io.gemlab.reports.record.Measurement.Better;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.Turn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.statistics.descriptive.Median;

/**
 * One program of a cell in this process: fresh weights, random tokens, calls to warm up, then turns
 * of timed calls, and at last a call watched node by node if asked for.
 */
public final class CellTimer implements AutoCloseable {
  /** Milliseconds of a call, from handing over the tokens to having the results. */
  public static final Measure TIME = new Measure("time", "ms", Better.LOWER);

  /** FLOP of the traced function's matrix products. */
  public static final Measure PRODUCTS = new Measure("matrix products", "FLOP", Better.NEITHER);

  /** The most memory resident while calls were timed, above what the process began with, MiB. */
  public static final Measure MEMORY = new Measure("peak memory", "MiB", Better.LOWER);

  /** Calls of a turn go on until this has passed, so that Linux's ticks can tell what disturbed. */
  private static final Duration TURN = Duration.ofMillis(150);

  /** There are so many, since their median passes over one that was disturbed... */
  private static final int CALLS = 3;

  /** ...unless this has passed. */
  private static final Duration LONG_TURN = Duration.ofMillis(400);

  /** At the beginning of a turn caches are cold, and calls of this time are not timed. */
  private static final Duration COLD = Duration.ofMillis(50);

  private final TimedCell cell;
  private final GraphFunction function;
  private final Executable executable;
  private final Map<String, HostTensor> arguments;
  private final List<Double> millis = new ArrayList<>();
  private Optional<Long> peak = Optional.empty();

  /**
   * Readies a program.
   *
   * @param function the program traced; the cell's path supports it
   */
  CellTimer(TimedCell cell, ModelProgram program, GraphFunction function) {
    this.cell = cell;
    this.function = function;
    Gemma2Model<?> model = cell.model().model();
    executable = cell.path().load(List.of(function));
    program.initialize(model, function, executable);
    arguments = program.randomArguments(model, cell.size());
    for (int call = 1; call < TimedCell.WARM_UP; call++) call();
    try (Results results = executable.run(function.name(), arguments)) {
      results.requireFinite(); // a program of NaN may take another time
    }
  }

  /** Times calls for a while, and watches what else the machine does. */
  Turn turn() {
    Turn.Builder turn = Turn.newBuilder().setMeasurement(TIME.name()).setStarted(Records.now());
    // Other processes had the caches. Where a call is as long as a turn, they don't matter.
    boolean shortCalls = millis.isEmpty() || millis.getLast() < LONG_TURN.toMillis();
    long cold = System.nanoTime();
    while (shortCalls && System.nanoTime() - cold < COLD.toNanos()) call();
    ProcessMemory.resetPeak(); // what compiling took is not what running takes
    ProcessorWatch watch = new ProcessorWatch(ProcessorWatch.PROC);
    double all = 0;
    while (goesOn(turn.getSamplesCount(), all)) {
      double took = call();
      millis.add(took);
      turn.addSamples(took);
      all += took;
    }
    watch.end(turn);
    ProcessMemory.peak().ifPresent(bytes -> peak = Optional.of(Math.max(bytes, peak.orElse(0L))));
    return turn.build();
  }

  /**
   * Whether a turn has another call.
   *
   * @param calls timed so far
   * @param millis that they took
   */
  static boolean goesOn(int calls, double millis) {
    return millis < (calls < CALLS ? LONG_TURN : TURN).toMillis();
  }

  /**
   * What a record says of the program besides its turns.
   *
   * @param start bytes resident when the process began; memory counts from there
   */
  RunRecord finish(long start) {
    RunRecord.Builder record = RunRecord.newBuilder().setOutcome(Records.complete());
    record.addMeasurements(PRODUCTS.of(MatmulFlops.of(function)));
    peak.ifPresent(
        bytes -> record.addMeasurements(MEMORY.of((bytes - start) / (double) (1 << 20))));
    if (cell.profiled()) {
      executable.profile(function.name(), arguments); // the first pays for the watching itself
      record.addAllMeasurements(
          TimeByKind.of(executable.profile(function.name(), arguments)).measurements());
    }
    ExecutionReport report = executable.report(function.name());
    double compiling = report.firstCall().toNanos() / 1e9 - median() / 1e3;
    record.setExecution(Records.execution(cell.path().label(), report, Math.max(0, compiling)));
    return record.buildPartial();
  }

  private double median() {
    return Median.withDefaults().evaluate(millis.stream().mapToDouble(d -> d).toArray());
  }

  /** Milliseconds of a call. */
  private double call() {
    long begin = System.nanoTime();
    executable.run(function.name(), arguments).close();
    return (System.nanoTime() - begin) / 1e6;
  }

  @Override
  public void close() {
    executable.close();
  }
}
