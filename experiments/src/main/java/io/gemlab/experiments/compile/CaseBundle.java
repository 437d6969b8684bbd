package io.gemlab.experiments.compile;

import io.gemlab.experiments.BuildInfo;
import io.gemlab.graph.gemma2.StateWeight;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.tpu.bundle.Bundle;
import io.gemlab.tpu.path.FunctionSignature;
import io.gemlab.tpu.pjrt.compile.CompiledProgram;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A compiled case as a bundle, to be run where the device is. */
final class CaseBundle {
  private CaseBundle() {}

  /** The bundle of a case; none where its compiler did not take it. */
  static Optional<Bundle> of(CaseResult result) {
    return result.outcome() instanceof CaseOutcome.Compiled compiled
        ? Optional.of(of(result, compiled.program()))
        : Optional.empty();
  }

  private static Bundle of(CaseResult result, CompiledProgram compiled) {
    CompileCase compileCase = result.compileCase();
    Map<String, List<String>> weights = new LinkedHashMap<>();
    for (StateWeight weight : compileCase.model().model().weights()) {
      weights.put(weight.name(), weight.weights().stream().map(WeightSpec::name).toList());
    }
    CompiledProgram.Compiler compiler = compiled.compiler();
    return new Bundle(
        new Bundle.About(
            BuildInfo.VERSION,
            compileCase.model().label(),
            compileCase.program().label(),
            compileCase.described(),
            compileCase.model().config().vocabSize(),
            compileCase.target().devices(),
            compileCase.target().name(),
            compiler.plugin() + ", PJRT " + compiler.apiVersion()),
        FunctionSignature.of(result.function()),
        FunctionSignature.roles(result.function()),
        weights,
        compileCase.partitioned(result.function(), result.exported()).toByteArray());
  }
}
