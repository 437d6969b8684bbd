package io.gemlab.graph.path;

import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.choice.Support;
import java.util.List;

/** A way to run traced functions. Other modules add their own: a PJRT device is one. */
public interface ExecutionPath {

  /** The name on the command line and in reports. */
  String label();

  /** Whether this path can run on this machine and in this process. */
  Support supported();

  /**
   * Readies functions that share state by name.
   *
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if {@link #supported} says no
   */
  Executable load(List<GraphFunction> functions);
}
