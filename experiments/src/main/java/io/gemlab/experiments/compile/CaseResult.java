package io.gemlab.experiments.compile;

import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.tpu.hlo.HloCost;
import io.gemlab.tpu.hlo.HloModule;
import java.util.OptionalDouble;

/**
 * A case, its program as exported, and what its compiler made of it.
 *
 * @param asked the case
 * @param function the program as traced
 * @param exported the program before any compiler
 * @param cost what we count of that
 * @param outcome what its compiler made of it
 */
record CaseResult(
    CompileCase asked, GraphFunction function, HloModule exported, HloCost cost, Outcome outcome) {

  static CaseResult of(
      CompileCase asked, GraphFunction function, HloModule exported, Outcome outcome) {
    return new CaseResult(asked, function, exported, HloCost.of(exported), outcome);
  }

  /** Bytes that a program may use of each device, where it is known. */
  OptionalDouble deviceMemory() {
    return switch (outcome) {
      case Outcome.Compiled compiled
          when compiled.program().compiler().deviceMemory().isPresent() ->
          OptionalDouble.of(compiled.program().compiler().deviceMemory().getAsLong());
      case Outcome.TooLarge tooLarge when tooLarge.shortage().available().isPresent() ->
          tooLarge.shortage().available();
      case Outcome.Compiled _, Outcome.TooLarge _, Outcome.Failed _ ->
          asked
              .target()
              .chip()
              .map(chip -> OptionalDouble.of(chip.memoryBytes()))
              .orElseGet(OptionalDouble::empty);
    };
  }

  /** Bytes of each device that it needs, as its compiler says. */
  OptionalDouble needed() {
    return switch (outcome) {
      case Outcome.Compiled compiled -> OptionalDouble.of(compiled.program().memory().peak());
      case Outcome.TooLarge tooLarge -> tooLarge.shortage().needed();
      case Outcome.Failed _ -> OptionalDouble.empty();
    };
  }

  /** What the program's parameters take of each device, by the plan. */
  MemoryAccount planned() {
    return MemoryAccount.of(function, asked.plan().parameterBytes(function, exported));
  }

  boolean fits() {
    return switch (outcome) {
      case Outcome.Compiled compiled ->
          deviceMemory().isEmpty()
              || compiled.program().memory().peak() <= deviceMemory().getAsDouble();
      case Outcome.TooLarge _, Outcome.Failed _ -> false;
    };
  }

  /** FLOPs that the model asks for in one run, causality and window counted, nothing twice. */
  double modelFlops() {
    return asked.program().modelFlops(asked.model().config(), asked.size());
  }
}
