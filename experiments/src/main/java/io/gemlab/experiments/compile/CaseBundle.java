package io.gemlab.experiments.compile;

import io.gemlab.experiments.About;
import io.gemlab.graph.gemma2.StateWeight;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.tpu.bundle.Bundle;
import io.gemlab.tpu.path.FunctionSignature;
import io.gemlab.tpu.pjrt.CompiledProgram;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A compiled case as a bundle, to be run where the device is. */
final class CaseBundle {
  private CaseBundle() {}

  /** The bundle of a case; none where its compiler did not take it. */
  static Optional<Bundle> of(CaseResult result) {
    return result.outcome() instanceof Outcome.Compiled compiled
        ? Optional.of(of(result, compiled.program()))
        : Optional.empty();
  }

  private static Bundle of(CaseResult result, CompiledProgram compiled) {
    CompileCase asked = result.asked();
    GraphFunction function = result.function();
    Map<String, List<String>> weights = new LinkedHashMap<>();
    for (StateWeight weight : asked.model().model().weights()) {
      weights.put(weight.name(), weight.weights().stream().map(WeightSpec::name).toList());
    }
    CompiledProgram.Compiler compiler = compiled.compiler();
    return new Bundle(
        new Bundle.About(
            About.VERSION,
            asked.model().label(),
            asked.program().label(),
            asked.described(),
            asked.model().config().vocabSize(),
            asked.target().devices(),
            asked.target().name(),
            compiler.plugin() + ", PJRT " + compiler.apiVersion()),
        FunctionSignature.of(function),
        FunctionSignature.roles(function),
        weights,
        asked.partitioned(function, result.exported()).toByteArray());
  }
}
