package io.gemlab.graph.path.session;

import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.proto.ConfigProto;

/** What runs a session's graph. */
@FunctionalInterface
public interface SessionHost {
  /** This process alone. */
  SessionHost PROCESS = Session::new;

  /**
   * Opens a session.
   *
   * @param graph may grow while the session is open
   * @param config of the path
   * @return whoever opens it closes it
   */
  Session open(Graph graph, ConfigProto config);
}
