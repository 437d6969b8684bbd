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
import io.gemlab.ops.choice.Support;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.record.Measurement.Better;
import io.gemlab.reports.record.RunRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Times one program of a cell in this process: fresh weights, random tokens, calls to warm up,
 * calls timed, one watched node by node if asked for.
 */
public record CellTimer(TimedCell cell, ModelProgram program) {
  /** Milliseconds of a call, from handing over the tokens to having the results. */
  public static final Measure TIME = new Measure("time", "ms", Better.LOWER);

  /** FLOP of the traced function's matrix products. */
  public static final Measure PRODUCTS = new Measure("matrix products", "FLOP", Better.NEITHER);

  /** The most memory resident while calls were timed, above what the process began with, MiB. */
  public static final Measure MEMORY = new Measure("peak memory", "MiB", Better.LOWER);

  /**
   * Measures; answers a record's measurements, execution and outcome, and nothing else of it.
   *
   * @param start bytes resident when the process began; memory counts from there
   */
  RunRecord measure(long start) {
    RunRecord.Builder record = RunRecord.newBuilder();
    Gemma2Model<?> model = cell.model().model();
    GraphFunction function = program.trace(model, cell.size());
    if (cell.path().supports(function) instanceof Support.Unsupported refusal) {
      return record.setOutcome(Records.refused(refusal.reason(), refusal.remedy())).buildPartial();
    }
    try (Executable executable = cell.path().load(List.of(function))) {
      program.initialize(model, function, executable);
      Map<String, HostTensor> arguments = program.randomArguments(model, cell.size());
      String name = function.name();
      for (int call = 1; call < TimedCell.WARM_UP; call++) millis(executable, name, arguments);
      try (Results results = executable.run(name, arguments)) {
        results.requireFinite(); // a program of NaN may take another time
      }
      ProcessMemory.resetPeak(); // what compiling took is not what running takes
      List<Double> millis = new ArrayList<>();
      for (int i = 0; i < cell.samples(); i++) millis.add(millis(executable, name, arguments));
      Measurement time = TIME.median(millis);
      record.addMeasurements(time);
      record.addMeasurements(PRODUCTS.of(MatmulFlops.of(function)));
      ProcessMemory.peak()
          .ifPresent(
              peak -> record.addMeasurements(MEMORY.of((peak - start) / (double) (1 << 20))));
      if (cell.profiled()) {
        executable.profile(name, arguments); // the first pays for the watching itself
        record.addAllMeasurements(
            TimeByKind.of(executable.profile(name, arguments)).measurements());
      }
      ExecutionReport report = executable.report(name);
      double compiling = report.firstCall().toNanos() / 1e9 - time.getValue() / 1e3;
      record.setExecution(Records.execution(cell.path().label(), report, Math.max(0, compiling)));
    }
    return record.setOutcome(Records.complete()).buildPartial();
  }

  private static double millis(
      Executable executable, String function, Map<String, HostTensor> arguments) {
    long begin = System.nanoTime();
    executable.run(function, arguments).close();
    return (System.nanoTime() - begin) / 1e6;
  }
}
