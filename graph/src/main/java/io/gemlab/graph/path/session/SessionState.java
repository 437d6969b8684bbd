package io.gemlab.graph.path.session;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.runtime.Tensors;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.proto.GraphDef;

/**
 * The resource variables of a session, written and read many at a time.
 *
 * <p>TensorFlow prepares a session anew for each set of feeds and fetches, at a cost that grows
 * with the whole graph: one variable a call took 160 s for the 866 of a 26-layer training step. So
 * values assigned wait here until they are needed, and a read fetches every variable; neither
 * copies a variable's memory.
 */
final class SessionState implements AutoCloseable {
  private static final String SCOPE = "state";

  /** Values wait until there are this many bytes of them, whoever needs them or not. */
  private static final long MOST_WAITING = 1L << 30;

  private final Session session;
  private final Map<String, Tensor> waiting = new LinkedHashMap<>();
  private final Set<String> assigned = new LinkedHashSet<>();
  private final Map<String, Tensor> fetched = new HashMap<>();
  private long waitingBytes;

  SessionState(Session session) {
    this.session = session;
  }

  /** Adds a state's variable to the session's graph. */
  static void declare(Graph graph, Iterable<TensorSpec> states) {
    GraphDef.Builder nodes = GraphDef.newBuilder();
    for (TensorSpec spec : states) {
      String name = spec.name();
      nodes
          .addNode(Nodes.variable("variable/" + name, name, spec.type(), spec.shape()))
          .addNode(Nodes.read("read/" + name, "variable/" + name, spec.type()))
          .addNode(Nodes.placeholder("value/" + name, spec.type(), spec.shape()))
          .addNode(Nodes.assign("assign/" + name, "variable/" + name, "value/" + name, spec.type()))
          .addNode(Nodes.destroy("release/" + name, "variable/" + name));
    }
    // TensorFlow Java crashes the process on a graph of no bytes.
    if (nodes.getNodeCount() > 0) graph.importGraphDef(nodes.build(), SCOPE);
  }

  /** Whether a state has a value. */
  boolean has(String name) {
    return assigned.contains(name) || waiting.containsKey(name);
  }

  void assign(String name, HostTensor value) {
    Tensor replaced = waiting.put(name, Tensors.copy(value));
    if (replaced != null) {
      waitingBytes -= replaced.numBytes();
      replaced.close();
    }
    waitingBytes += value.data().byteSize();
    if (waitingBytes > MOST_WAITING) settle();
  }

  /** The present value; the caller closes it. */
  HostTensor read(String name) {
    if (!fetched.containsKey(name) || !waiting.isEmpty()) {
      settle();
      fetch();
    }
    return Tensors.view(fetched.remove(name));
  }

  /** Writes what waits into the variables, and lets go of what was fetched: before every call. */
  void settle() {
    fetched.values().forEach(Tensor::close);
    fetched.clear();
    if (waiting.isEmpty()) return;
    Session.Runner runner = session.runner();
    waiting.forEach(
        (name, value) ->
            runner.feed(SCOPE + "/value/" + name, value).addTarget(SCOPE + "/assign/" + name));
    runner.run().close();
    assigned.addAll(waiting.keySet());
    dropWaiting();
  }

  /** Frees variables. */
  void release(Collection<String> names) {
    settle();
    Session.Runner runner = session.runner();
    names.forEach(name -> runner.addTarget(SCOPE + "/release/" + name));
    runner.run().close();
    assigned.removeAll(names);
  }

  /** What was computed of other state has a value now, and what it was computed of may not. */
  void moved(Collection<String> gone, Collection<String> there) {
    assigned.removeAll(gone);
    assigned.addAll(there);
  }

  private void fetch() {
    Session.Runner runner = session.runner();
    assigned.forEach(name -> runner.fetch(SCOPE + "/read/" + name));
    Result result = runner.run();
    int i = 0;
    for (String name : assigned) fetched.put(name, result.get(i++));
  }

  private void dropWaiting() {
    waiting.values().forEach(Tensor::close);
    waiting.clear();
    waitingBytes = 0;
  }

  @Override
  public void close() {
    fetched.values().forEach(Tensor::close);
    dropWaiting();
  }
}
