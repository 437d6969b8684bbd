package io.gemlab.experiments.compile;

import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.pjrt.compile.CompiledProgram;

/** What came of one case. */
sealed interface CaseOutcome {
  /**
   * The compiler took it. It may still need more than the device has: not every compiler asks.
   *
   * @param program what the compiler says of it
   * @param optimized the program after the compiler's passes
   */
  record Compiled(CompiledProgram program, HloModule optimized) implements CaseOutcome {
    static Compiled of(CompiledProgram program) {
      return new Compiled(program, HloModule.of(program.optimized()));
    }
  }

  /** The compiler refused it for want of memory. */
  record TooLarge(OutOfMemory refusal) implements CaseOutcome {}

  /**
   * The compiler refused it for another reason, or broke.
   *
   * @param reason one line
   */
  record Failed(String reason) implements CaseOutcome {}
}
