package io.gemlab.graph.path;

import io.gemlab.graph.trace.GraphFunction;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.proto.RunOptions;

/**
 * How a function in a session's graph is called: what is fed, fetched and run, looked up once. A
 * decoding step takes a few milliseconds; looking up a hundred names would be a part of it.
 */
final class SessionCall {
  private final GraphFunction function;
  private final RunOptions threads;
  private final List<Output<?>> feeds = new ArrayList<>();
  private final List<Output<?>> fetches = new ArrayList<>();
  private final List<GraphOperation> targets = new ArrayList<>();
  private boolean hasState;

  private SessionCall(GraphFunction function) {
    this.function = function;
    this.threads = NodeThreads.of(function);
  }

  /**
   * Finds a function's nodes.
   *
   * @param graph has the function's body under its name, and in it an {@code assign/STATE} for each
   *     update
   */
  static SessionCall of(GraphFunction function, SessionBody body, Graph graph) {
    SessionCall call = new SessionCall(function);
    String scope = function.name() + "/";
    for (GraphFunction.Input argument : function.arguments()) {
      call.feeds.add(graph.output(scope + argument.node()));
    }
    for (int i = 0; i < function.results().size(); i++) {
      call.fetches.add(graph.output(scope + body.output(function, i)));
    }
    for (GraphFunction.Output update : function.updates()) {
      call.targets.add(graph.operation(scope + "assign/" + update.spec().name()));
    }
    return call;
  }

  GraphFunction function() {
    return function;
  }

  /** Which threads run its nodes. */
  RunOptions threads() {
    return threads;
  }

  /** Refuses a call whose state was not assigned. */
  void requireState(SessionState state) {
    if (hasState) return;
    for (GraphFunction.Input input : function.state()) {
      if (!state.has(input.spec().name())) {
        throw new IllegalStateException(
            function.name() + " needs " + input.spec() + ", which was not assigned");
      }
    }
    hasState = true;
  }

  /** State was released: the next call looks for its own again. */
  void stateMayLack() {
    hasState = false;
  }

  /**
   * A run that is ready to go.
   *
   * @param fed the arguments, in the signature's order
   */
  Session.Runner runner(Session session, List<Tensor> fed) {
    Session.Runner runner = session.runner();
    for (int i = 0; i < feeds.size(); i++) runner.feed(feeds.get(i), fed.get(i));
    fetches.forEach(runner::fetch);
    targets.forEach(runner::addTarget);
    return runner;
  }
}
