package io.gemlab.experiments.bench;

import io.gemlab.experiments.run.Records;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.process.ProcessMemory;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.Profile;
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
 * Runs a cell in this process: fresh weights, random tokens, calls to warm up, calls timed, one
 * watched node by node.
 */
record CellRun(BenchPlan plan, BenchPlan.Cell cell) {
  /** The first call compiles, and the one after it may still. */
  static final int WARM_UP = 3;

  static final String TIME = "time";
  static final String PRODUCTS = "matrix products";
  static final String MEMORY = "peak memory";

  /** From the begin of the first node to the end of the last, of a call watched node by node. */
  static final String SPAN = "span of all nodes";

  /** Begins the names of the time of all nodes of a kind, and of their number. */
  static final String NODE_TIME = "node time: ";

  static final String NODES = "nodes: ";

  private static final long SEED = 1;

  /**
   * Measures; answers a record's measurements, execution and outcome, and nothing else of it.
   *
   * @param start bytes resident when the process began; memory counts from there
   */
  RunRecord measure(long start) {
    RunRecord.Builder record = RunRecord.newBuilder();
    Gemma2Model<?> model = plan.model();
    GraphFunction function = cell.program().trace(model, plan.batch());
    if (cell.path().supports(function) instanceof Support.Unsupported refusal) {
      return record.setOutcome(Records.refused(refusal.reason(), refusal.remedy())).buildPartial();
    }
    try (Executable executable = cell.path().load(List.of(function))) {
      cell.program().assign(model, function, executable);
      Map<String, HostTensor> arguments = cell.program().arguments(batch());
      for (int call = 1; call < WARM_UP; call++) millis(executable, arguments);
      try (Results results = executable.run(Program.FUNCTION, arguments)) {
        results.requireFinite(); // a program of NaN may take another time
      }
      ProcessMemory.resetPeak(); // what compiling took is not what running takes
      List<Double> millis = new ArrayList<>();
      for (int i = 0; i < plan.samples(); i++) millis.add(millis(executable, arguments));
      Measurement time = Records.times(TIME, millis);
      record.addMeasurements(time);
      add(record, PRODUCTS, "FLOP", MatmulFlops.of(function));
      ProcessMemory.peak()
          .ifPresent(peak -> add(record, MEMORY, "MiB", (peak - start) / (double) (1 << 20)));
      executable.profile(Program.FUNCTION, arguments); // the first pays for the watching itself
      add(record, executable.profile(Program.FUNCTION, arguments));
      ExecutionReport report = executable.report(Program.FUNCTION);
      double compiling = report.firstCall().toNanos() / 1e9 - time.getValue() / 1e3;
      record.setExecution(Records.execution(cell.path().label(), report, Math.max(0, compiling)));
    }
    return record.setOutcome(Records.complete()).buildPartial();
  }

  private static double millis(Executable executable, Map<String, HostTensor> arguments) {
    long begin = System.nanoTime();
    executable.run(Program.FUNCTION, arguments).close();
    return (System.nanoTime() - begin) / 1e6;
  }

  private static void add(RunRecord.Builder record, Profile profile) {
    TimeByKind time = TimeByKind.of(profile);
    add(record, SPAN, "ms", time.spanMillis());
    for (TimeByKind.Kind kind : time.kinds()) {
      add(record, NODE_TIME + kind.label(), "ms", kind.millis());
      add(record, NODES + kind.label(), "", kind.nodes());
    }
  }

  private static void add(RunRecord.Builder record, String name, String unit, double value) {
    record.addMeasurements(Records.measurement(name, unit, value, Better.NEITHER));
  }

  /** Tokens at random, the same in every cell. */
  private TokenBatch batch() {
    return TokenBatch.random(
        SEED,
        plan.batch().batchSize(),
        plan.batch().sequenceLength(),
        plan.source().config().vocabSize());
  }
}
