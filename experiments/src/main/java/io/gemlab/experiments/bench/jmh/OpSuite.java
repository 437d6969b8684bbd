package io.gemlab.experiments.bench.jmh;

import io.gemlab.experiments.run.ReportWriter;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs a plan's benchmarks under JMH, each in a JVM of its own, and reports on them. */
public record OpSuite(OpPlan plan, Provenance provenance) {
  /** JMH's own results, beside the report. */
  static final String RESULTS = "jmh.json";

  /** What JMH wrote, beside the report. */
  public static final String LOG = "jmh.log";

  /**
   * Runs them and writes the report, JMH's results and its log to a folder.
   *
   * @param watcher told of each benchmark before it runs
   * @return what was written, and how many of the plan's benchmarks failed
   */
  public Outcome run(Path folder, Consumer<String> watcher) {
    Collection<RunResult> results;
    try (PrintStream log =
        new PrintStream(Files.newOutputStream(folder.resolve(LOG)), true, StandardCharsets.UTF_8)) {
      OutputFormat text = OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL);
      results =
          new Runner(options(folder.resolve(RESULTS)), new SuiteOutput(text, log, watcher)).run();
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + LOG, e);
    } catch (RunnerException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
    List<OpFinding> findings = results.stream().map(OpFinding::of).toList();
    try {
      return new Outcome(
          ReportWriter.write(folder, OpReport.of(plan, findings, provenance)),
          plan.benchmarks() - findings.size());
    } catch (IOException e) {
      throw new UncheckedIOException("writing the report", e);
    }
  }

  /**
   * What a run left.
   *
   * @param report its files
   * @param failed benchmarks that broke; the log says how
   */
  public record Outcome(ReportWriter.Written report, int failed) {}

  private Options options(Path results) {
    OpPlan.Effort effort = plan.effort();
    return new OptionsBuilder()
        .include(OpBenchmark.class.getName() + ".call")
        .param("model", plan.source().key())
        .param("op", names(plan.ops().stream()))
        .param("pass", names(effort.passes().stream()))
        .param("path", plan.paths().stream().map(path -> path.label()).toArray(String[]::new))
        .param("dtype", plan.precision().label())
        .param("batch", Integer.toString(plan.batch()))
        .param("length", plan.lengths().stream().map(String::valueOf).toArray(String[]::new))
        .forks(1)
        .warmupIterations(effort.warmups())
        .warmupTime(new TimeValue(effort.millis(), TimeUnit.MILLISECONDS))
        .measurementIterations(effort.iterations())
        .measurementTime(new TimeValue(effort.millis(), TimeUnit.MILLISECONDS))
        .jvmArgs(JavaProcess.options().toArray(String[]::new))
        .resultFormat(ResultFormatType.JSON)
        .result(results.toString())
        .build();
  }

  private static String[] names(Stream<? extends Enum<?>> values) {
    return values.map(Enum::name).toArray(String[]::new);
  }
}
