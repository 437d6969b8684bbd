package io.gemlab.graph.path.session;

import io.gemlab.graph.path.ExecutionPath;

/** A path whose sessions another host than this process alone can run. */
public interface SessionPath extends ExecutionPath {
  /** The same path, whose sessions a host runs. */
  ExecutionPath on(SessionHost host);
}
