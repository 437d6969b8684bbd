package io.gemlab.experiments.bench.jmh;

import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.ModelSource;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.trace.GraphFunction;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One op in one pass on one path, called again and again. {@link OpSuite} sets the parameters. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class OpBenchmark {
  /** A {@link ModelSource#key}. */
  @Param("tiny")
  public String model;

  /** A {@link BenchmarkedOp}. */
  @Param("RMS_NORM")
  public String op;

  /** A {@link OpProgram.Pass}. */
  @Param("FORWARD")
  public String pass;

  /** An execution path's name. */
  @Param("graph")
  public String path;

  /** A precision's name. */
  @Param("float32")
  public String dtype;

  /** Rows of tokens. */
  @Param("1")
  public int batch;

  /** Tokens in a row. */
  @Param("16")
  public int length;

  private Executable executable;
  private ExecutionReport report;

  /** What the path made of the op: told with the times, as a count an iteration. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Ran {
    /** Programs compiled by XLA. */
    public long xlaPrograms;
  }

  /** Traces the op, compiles it, and gives its inputs values. */
  @Setup
  public void load() {
    OpProgram program =
        new OpProgram(
            BenchmarkedOp.valueOf(op),
            OpProgram.Pass.valueOf(pass),
            Choices.precision(dtype),
            new OpSizes(ModelSource.of(model).config(), batch, length));
    GraphFunction function = program.trace();
    executable = Choices.path(path).load(List.of(function));
    program.assign(function, executable);
    executable.run(OpProgram.FUNCTION, Map.of()).close();
    report = executable.report(OpProgram.FUNCTION);
  }

  /** Frees it. */
  @TearDown
  public void close() {
    executable.close();
  }

  /** A call. */
  @Benchmark
  public void call(Ran ran) {
    executable.run(OpProgram.FUNCTION, Map.of()).close();
    ran.xlaPrograms = report.xlaClusters();
  }
}
