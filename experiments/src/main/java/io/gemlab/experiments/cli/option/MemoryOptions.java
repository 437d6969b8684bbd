package io.gemlab.experiments.cli.option;

import io.gemlab.experiments.run.MemoryGuard;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.trace.MemoryNeed;
import java.util.List;
import picocli.CommandLine.Option;

/** The flag of commands that look at memory before they begin. */
public final class MemoryOptions {
  private static final String FORCE = "--force";

  @Option(names = FORCE, description = "Start even where memory doesn't look as if it would do.")
  private boolean force;

  /**
   * Refuses what memory can't hold, unless forced.
   *
   * @param what is about to run
   * @param need of its largest program
   * @param rows of its batch
   * @throws io.gemlab.graph.base.input.InvalidInput if it doesn't fit
   */
  public void require(String what, MemoryNeed need, int rows, ExecutionPath path) {
    if (!force && MemoryGuard.concerns(path)) MemoryGuard.require(what, need, rows);
  }

  /** What processes that are started by this one are given of it. */
  public List<String> passedOn() {
    return force ? List.of(FORCE) : List.of();
  }
}
