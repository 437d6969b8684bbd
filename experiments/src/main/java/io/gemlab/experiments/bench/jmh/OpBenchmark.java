package io.gemlab.experiments.bench.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

@State(Scope.Benchmark)
public class OpBenchmark {
  @Param("x")
  public String op;

  @Benchmark
  public int op() {
    return op.length();
  }
}
