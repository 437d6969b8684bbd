package io.gemlab.graph.path.session;

import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.path.kernel.Kernels;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.NodeInput;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * Matrices that kernels read packed, as variables of a session: packed before the first call that
 * needs them, and again when what they are packed from was assigned anew. A plain matrix that no
 * function reads is freed then, and has no value any more.
 */
final class PackedVariables {
  private static final String SCOPE = "packing";

  /** Bytes that are packed before what they are packed from is freed. */
  private static final long AT_ONCE = 1L << 30;

  private final Map<String, TensorSpec> sources = new LinkedHashMap<>();
  private final Set<String> read = new HashSet<>();

  /**
   * Adds what a function needs to the session's graph.
   *
   * @param function as kernels were put into it
   * @param traced the state as it was traced, by name
   */
  void add(Graph graph, GraphFunction function, Function<String, TensorSpec> traced) {
    Set<String> inputs = new HashSet<>();
    for (NodeDef node : function.graph().getNodeList()) {
      for (NodeInput input : NodeInput.of(node)) inputs.add(input.node());
    }
    for (GraphFunction.Input input : function.state()) {
      String name = input.spec().name();
      if (inputs.contains(input.node())) read.add(name);
      Kernels.packedFrom(name)
          .map(traced)
          .filter(source -> sources.putIfAbsent(name, source) == null)
          .ifPresent(source -> declare(graph, source, input.spec()));
    }
  }

  private static void declare(Graph graph, TensorSpec source, TensorSpec packed) {
    SessionState.declare(graph, List.of(packed));
    String name = packed.name();
    graph.importGraphDef(
        GraphDef.newBuilder()
            .addNode(Nodes.variable("from/" + name, source.name(), source.type(), source.shape()))
            .addNode(Nodes.read("plain/" + name, "from/" + name, source.type()))
            .addNode(Kernels.pack("packed/" + name, "plain/" + name))
            .addNode(Nodes.variable("to/" + name, name, packed.type(), packed.shape()))
            .addNode(Nodes.assign("pack/" + name, "to/" + name, "packed/" + name, packed.type()))
            .addNode(
                Nodes.destroy("free/" + name, "from/" + name).toBuilder()
                    .addInput("^pack/" + name)
                    .build())
            .build(),
        SCOPE);
  }

  /** Whether a state is packed from another. */
  boolean contains(String state) {
    return sources.containsKey(state);
  }

  /** The state that a state is packed from. */
  TensorSpec source(String packed) {
    return sources.get(packed);
  }

  /** What is packed from some state. */
  List<String> packedFrom(Collection<String> states) {
    return sources.keySet().stream()
        .filter(packed -> states.contains(sources.get(packed).name()))
        .toList();
  }

  /**
   * Packs what has no value yet.
   *
   * @param names of packed state whose sources have values
   */
  void pack(Session session, SessionState state, Collection<String> names) {
    state.settle();
    List<String> batch = new ArrayList<>();
    long bytes = 0;
    for (String name : names) {
      if (state.has(name)) continue;
      batch.add(name);
      bytes += sources.get(name).bytes();
      if (bytes > AT_ONCE) {
        packBatch(session, state, batch);
        batch.clear();
        bytes = 0;
      }
    }
    if (!batch.isEmpty()) packBatch(session, state, batch);
  }

  private void packBatch(Session session, SessionState state, List<String> batch) {
    Session.Runner runner = session.runner();
    List<String> freed = new ArrayList<>();
    for (String name : batch) {
      String source = sources.get(name).name();
      runner.addTarget(SCOPE + "/pack/" + name);
      if (read.contains(source)) continue;
      runner.addTarget(SCOPE + "/free/" + name);
      freed.add(source);
    }
    runner.run().close();
    state.moved(freed, batch);
  }
}
