package io.gemlab.experiments.bench.jmh;

import java.io.PrintStream;
import java.util.Collection;
import java.util.function.Consumer;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/** JMH's own output goes to a log; a watcher hears of each benchmark before it runs. */
final class SuiteOutput implements OutputFormat {
  private final OutputFormat log;
  private final PrintStream bytes;
  private final Consumer<String> watcher;

  /**
   * @param log JMH's text
   * @param bytes where that is written
   */
  SuiteOutput(OutputFormat log, PrintStream bytes, Consumer<String> watcher) {
    this.log = log;
    this.bytes = bytes;
    this.watcher = watcher;
  }

  @Override
  public void startBenchmark(BenchmarkParams params) {
    log.startBenchmark(params);
    watcher.accept(
        "%s, %s, %s, %s tokens"
            .formatted(
                OpFinding.op(params).label(),
                OpFinding.pass(params).label(),
                params.getParam("path"),
                params.getParam("length")));
  }

  @Override
  public void endBenchmark(BenchmarkResult result) {
    log.endBenchmark(result);
  }

  @Override
  public void iteration(BenchmarkParams benchmark, IterationParams params, int iteration) {
    log.iteration(benchmark, params, iteration);
  }

  @Override
  public void iterationResult(
      BenchmarkParams benchmark, IterationParams params, int iteration, IterationResult result) {
    log.iterationResult(benchmark, params, iteration, result);
  }

  @Override
  public void startRun() {
    log.startRun();
  }

  @Override
  public void endRun(Collection<RunResult> results) {
    log.endRun(results);
  }

  @Override
  public void print(String text) {
    log.print(text);
  }

  @Override
  public void println(String text) {
    log.println(text);
  }

  @Override
  public void verbosePrintln(String text) {
    log.verbosePrintln(text);
  }

  @Override
  public void write(int oneByte) {
    bytes.write(oneByte);
  }

  @Override
  public void write(byte[] several) {
    bytes.writeBytes(several);
  }

  @Override
  public void flush() {
    bytes.flush();
  }

  @Override
  public void close() {
    log.close();
  }
}
