package io.gemlab.graph.path.session;

import io.gemlab.graph.runtime.NativeRuntime;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.proto.ConfigProto;

/** What runs a session's graph. */
@FunctionalInterface
public interface SessionHost {
  /** This process alone, with as many threads as it was started for. */
  SessionHost PROCESS = (graph, config) -> new Session(graph, withThreads(config));

  /**
   * Opens a session.
   *
   * @param graph may grow while the session is open
   * @param config of the path
   * @return whoever opens it closes it
   */
  Session open(Graph graph, ConfigProto config);

  private static ConfigProto withThreads(ConfigProto config) {
    if (!NativeRuntime.hasThreads()) return config;
    return config.toBuilder()
        .setIntraOpParallelismThreads(NativeRuntime.threads())
        .setInterOpParallelismThreads(NativeRuntime.threads())
        .build();
  }
}
