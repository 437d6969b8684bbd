package io.gemlab.experiments.compile;

import io.gemlab.experiments.BuildInfo;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.gemma2.StateWeight;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.tpu.bundle.Bundle;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.path.FunctionSignature;
import io.gemlab.tpu.pjrt.compile.CompiledProgram;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compiled cases as a bundle, to be run where the device is. */
final class CaseBundle {
  private CaseBundle() {}

  /**
   * The bundle of a case, or of the functions that a training step calls; none where the compiler
   * did not take all of them.
   */
  static Optional<Bundle> of(List<CaseResult> results) {
    List<Bundle.Program> programs = new ArrayList<>();
    Map<String, StateRole> roles = new LinkedHashMap<>();
    CompiledProgram.Compiler compiler = null;
    for (CaseResult result : results) {
      if (!(result.outcome() instanceof CaseOutcome.Compiled compiled)) return Optional.empty();
      compiler = compiled.program().compiler();
      roles.putAll(FunctionSignature.roles(result.function()));
      HloModule program = result.compileCase().partitioned(result.function(), result.exported());
      programs.add(
          new Bundle.Program(
              FunctionSignature.of(result.function()), result.calls(), program.toByteArray()));
    }
    CompileCase first = results.getFirst().compileCase();
    return Optional.of(new Bundle(about(first, compiler), programs, roles, weights(first)));
  }

  private static Bundle.About about(CompileCase first, CompiledProgram.Compiler compiler) {
    return new Bundle.About(
        BuildInfo.VERSION,
        first.model().label(),
        first.program().label(),
        first.described(),
        first.model().config().vocabSize(),
        first.target().devices(),
        first.target().name(),
        compiler.plugin() + ", PJRT " + compiler.apiVersion());
  }

  private static Map<String, List<String>> weights(CompileCase first) {
    Map<String, List<String>> weights = new LinkedHashMap<>();
    for (StateWeight weight : first.model().model().weights()) {
      weights.put(weight.name(), weight.weights().stream().map(WeightSpec::name).toList());
    }
    return weights;
  }
}
