package io.gemlab.experiments.compile;

import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.StateRole;
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

  /**
   * Bytes of each device that it needs, as its compiler says, and what lies there beside it while
   * it runs.
   */
  OptionalDouble needed() {
    OptionalDouble alone =
        switch (outcome) {
          case CaseOutcome.Compiled compiled ->
              OptionalDouble.of(compiled.program().memory().peak());
          case CaseOutcome.TooLarge tooLarge -> tooLarge.refusal().needed();
          case CaseOutcome.Failed _ -> OptionalDouble.empty();
        };
    return alone.isPresent() ? OptionalDouble.of(alone.getAsDouble() + beside().total()) : alone;
  }

  /** What lies on each device beside the program, by the plan. */
  MemoryBreakdown beside() {
    return MemoryBreakdown.beside(compileCase);
  }

  /** What the program's parameters, and all beside them, take of each device, by the plan. */
  MemoryBreakdown planned() {
    return MemoryBreakdown.of(function, compileCase.plan().parameterBytes(function, exported))
        .plus(beside());
  }

  boolean fits() {
    return switch (outcome) {
      case CaseOutcome.Compiled _ ->
          deviceMemory().isEmpty() || needed().orElseThrow() <= deviceMemory().getAsDouble();
      case CaseOutcome.TooLarge _, CaseOutcome.Failed _ -> false;
    };
  }

  /**
   * FLOPs that the model asks for in one run, causality and window counted, nothing twice; unknown
   * of what runs no model, and where weights are frozen, whose gradients nobody asks for.
   */
  private OptionalDouble modelFlops() {
    boolean isWhole = function.state().stream().noneMatch(CaseResult::isAdapter);
    return tokens() > 0 && isWhole
        ? OptionalDouble.of(
            compileCase.program().modelFlops(compileCase.model().config(), compileCase.size()))
        : OptionalDouble.empty();
  }

  private static boolean isAdapter(GraphFunction.Input state) {
    return state.role().equals(Optional.of(StateRole.ADAPTER));
  }

  /** Tokens that one run brings forward, of all devices together; 0 where it takes none. */
  int tokens() {
    return function.argumentSpecs().stream()
            .anyMatch(argument -> argument.name().equals(TokenBatch.INPUT_IDS))
        ? compileCase.program().tokens(compileCase.size())
        : 0;
  }

  /** How often a training step calls it; once what is no part of one. */
  int calls() {
    return compileCase.part().map(StepPart::calls).orElse(1);
  }

  /** Seconds that a run should take, where there is a prediction. */
  OptionalDouble predicted() {
    return time.map(StepTime::predicted).orElseGet(OptionalDouble::empty);
  }

  /** The share of the devices' peak that the model's own FLOPs are, in the predicted time. */
  OptionalDouble mfu() {
    OptionalDouble flops = modelFlops();
    if (predicted().isEmpty() || compileCase.target().chip().isEmpty() || flops.isEmpty()) {
      return OptionalDouble.empty();
    }
    double peak =
        compileCase.target().devices() * compileCase.target().chip().get().flopsPerSecond();
    return OptionalDouble.of(flops.getAsDouble() / (predicted().getAsDouble() * peak));
  }

  /** Tokens of all devices together, in the predicted time. */
  OptionalDouble tokensPerSecond() {
    return predicted().isPresent() && tokens() > 0
        ? OptionalDouble.of(tokens() / predicted().getAsDouble())
        : OptionalDouble.empty();
  }
}
