package io.gemlab.experiments.compile;

import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.cost.HloCost;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A case, its program as exported, and what its compiler made of it.
 *
 * @param compileCase the case
 * @param function the program as traced
 * @param exported the program before any compiler
 * @param cost what we count of that
 * @param outcome what its compiler made of it
 * @param time how long a run of the compiled program should take; empty where none was compiled
 */
record CaseResult(
    CompileCase compileCase,
    GraphFunction function,
    HloModule exported,
    HloCost cost,
    CaseOutcome outcome,
    Optional<StepTime> time) {

  static CaseResult of(
      CompileCase compileCase, GraphFunction function, HloModule exported, CaseOutcome outcome) {
    Optional<StepTime> time =
        outcome instanceof CaseOutcome.Compiled compiled
            ? Optional.of(StepTime.of(compiled.optimized(), compileCase.target().chip()))
            : Optional.empty();
    return new CaseResult(compileCase, function, exported, HloCost.of(exported), outcome, time);
  }

  /** Bytes that a program may use of each device, where it is known. */
  OptionalDouble deviceMemory() {
    return switch (outcome) {
      case CaseOutcome.Compiled compiled
          when compiled.program().compiler().deviceMemory().isPresent() ->
          OptionalDouble.of(compiled.program().compiler().deviceMemory().getAsLong());
      case CaseOutcome.TooLarge tooLarge when tooLarge.refusal().available().isPresent() ->
          tooLarge.refusal().available();
      case CaseOutcome.Compiled _, CaseOutcome.TooLarge _, CaseOutcome.Failed _ ->
          compileCase
              .target()
              .chip()
              .map(chip -> OptionalDouble.of(chip.memoryBytes()))
              .orElseGet(OptionalDouble::empty);
    };
  }

  /** Bytes of each device that it needs, as its compiler says. */
  OptionalDouble needed() {
    return switch (outcome) {
      case CaseOutcome.Compiled compiled -> OptionalDouble.of(compiled.program().memory().peak());
      case CaseOutcome.TooLarge tooLarge -> tooLarge.refusal().needed();
      case CaseOutcome.Failed _ -> OptionalDouble.empty();
    };
  }

  /** What the program's parameters take of each device, by the plan. */
  MemoryBreakdown planned() {
    return MemoryBreakdown.of(function, compileCase.plan().parameterBytes(function, exported));
  }

  boolean fits() {
    return switch (outcome) {
      case CaseOutcome.Compiled compiled ->
          deviceMemory().isEmpty()
              || compiled.program().memory().peak() <= deviceMemory().getAsDouble();
      case CaseOutcome.TooLarge _, CaseOutcome.Failed _ -> false;
    };
  }

  /** FLOPs that the model asks for in one run, causality and window counted, nothing twice. */
  double modelFlops() {
    return compileCase.program().modelFlops(compileCase.model().config(), compileCase.size());
  }

  /** Seconds that a run should take, where there is a prediction. */
  OptionalDouble predicted() {
    return time.map(StepTime::predicted).orElseGet(OptionalDouble::empty);
  }

  /** The share of the devices' peak that the model's own FLOPs are, in the predicted time. */
  OptionalDouble mfu() {
    if (predicted().isEmpty() || compileCase.target().chip().isEmpty()) {
      return OptionalDouble.empty();
    }
    double peak =
        compileCase.target().devices() * compileCase.target().chip().get().flopsPerSecond();
    return OptionalDouble.of(modelFlops() / (predicted().getAsDouble() * peak));
  }

  /** Tokens of all devices together, in the predicted time. */
  OptionalDouble tokensPerSecond() {
    return predicted().isPresent()
        ? OptionalDouble.of(
            compileCase.program().tokens(compileCase.size()) / predicted().getAsDouble())
        : OptionalDouble.empty();
  }
}
