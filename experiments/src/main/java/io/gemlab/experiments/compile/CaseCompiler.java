package io.gemlab.experiments.compile;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.tpu.hlo.HloExporter;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.pjrt.ChildCompiler;
import io.gemlab.tpu.pjrt.CompileOptions;
import io.gemlab.tpu.pjrt.CompileRequest;
import io.gemlab.tpu.pjrt.PjrtCompilerAborted;
import io.gemlab.tpu.pjrt.PjrtError;
import io.gemlab.tpu.pjrt.PjrtError.Code;
import io.gemlab.tpu.pjrt.PluginFinder;
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
  CaseResult compile(CompileCase asked, Consumer<String> doing) {
    doing.accept("tracing " + asked.name());
    GraphFunction function = asked.trace();
    HloModule exported = HloExporter.export(function);
    doing.accept("compiling " + asked.name());
    return CaseResult.of(asked, function, exported, outcome(asked, function, exported));
  }

  private Outcome outcome(CompileCase asked, GraphFunction function, HloModule exported) {
    CompileRequest request =
        new CompileRequest(
            library(asked.target()),
            asked.target().topology(),
            CompileOptions.partitioned(asked.target().devices()),
            asked.partitioned(function, exported).toByteArray());
    try {
      Outcome.Compiled compiled = Outcome.Compiled.of(new ChildCompiler(TIMEOUT).compile(request));
      return asked
          .plan()
          .difference(function, compiled.optimized())
          .<Outcome>map(Outcome.Failed::new)
          .orElse(compiled);
    } catch (PjrtError e) {
      return e.code() == Code.RESOURCE_EXHAUSTED
          ? new Outcome.TooLarge(Shortage.of(e.details()))
          : new Outcome.Failed(e.getMessage());
    } catch (PjrtCompilerAborted e) {
      return new Outcome.Failed(e.getMessage());
    }
  }
}
