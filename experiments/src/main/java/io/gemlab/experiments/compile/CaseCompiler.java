package io.gemlab.experiments.compile;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.export.HloExporter;
import io.gemlab.tpu.pjrt.CompileOptions;
import io.gemlab.tpu.pjrt.PjrtError;
import io.gemlab.tpu.pjrt.PjrtError.Code;
import io.gemlab.tpu.pjrt.compile.ChildCompiler;
import io.gemlab.tpu.pjrt.compile.CompileRequest;
import io.gemlab.tpu.pjrt.compile.PjrtCompilerAborted;
import io.gemlab.tpu.pjrt.plugin.PluginFinder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Compiles cases ahead of time, in processes of their own.
 *
 * @param environment variables that may say where a plugin is
 * @param plugin the library that the user named
 */
record CaseCompiler(Map<String, String> environment, Optional<Path> plugin) {
  private static final Duration TIMEOUT = Duration.ofHours(2);

  /**
   * Finds the library, before any long work.
   *
   * @throws InvalidInput if there is none, or it can't be used as it lies there
   */
  Path library(Target target) {
    Path library = new PluginFinder(environment).find(target.plugin(), plugin).require();
    target.plugin().requireUsable(library);
    return library;
  }

  /**
   * Traces, exports and compiles a case.
   *
   * @param doing told what is being done
   * @throws InvalidInput if the plugin, the target or the program can't be used
   */
  CaseResult compile(CompileCase compileCase, Consumer<String> doing) {
    doing.accept("tracing " + compileCase.name());
    GraphFunction function = compileCase.trace();
    HloModule exported = HloExporter.export(function);
    doing.accept("compiling " + compileCase.name());
    return CaseResult.of(compileCase, function, exported, outcome(compileCase, function, exported));
  }

  private CaseOutcome outcome(CompileCase compileCase, GraphFunction function, HloModule exported) {
    CompileRequest request =
        new CompileRequest(
            library(compileCase.target()),
            compileCase.target().topology(),
            CompileOptions.partitioned(compileCase.target().devices()),
            compileCase.partitioned(function, exported).toByteArray());
    try {
      CaseOutcome.Compiled compiled =
          CaseOutcome.Compiled.of(new ChildCompiler(TIMEOUT).compile(request));
      return compileCase
          .plan()
          .difference(function, compiled.optimized())
          .<CaseOutcome>map(CaseOutcome.Failed::new)
          .orElse(compiled);
    } catch (PjrtError e) {
      return e.code() == Code.RESOURCE_EXHAUSTED
          ? new CaseOutcome.TooLarge(OutOfMemory.of(e.details()))
          : new CaseOutcome.Failed(e.getMessage());
    } catch (PjrtCompilerAborted e) {
      return new CaseOutcome.Failed(e.getMessage());
    }
  }
}
