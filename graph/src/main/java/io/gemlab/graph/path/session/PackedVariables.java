package io.gemlab.graph.path.session;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.path.kernel.Kernels;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.NodeInput;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * Matrices that kernels read packed, as variables of a session: packed before the first call that
 * needs them, and again when what they are packed from has another value. A plain matrix that no
 * function reads is freed then; who asks for it gets the packed one unpacked.
 *
 * <p>So are copies of weights in bfloat16, which the functions that have them write themselves.
 */
final class PackedVariables {
  private static final String SCOPE = "packing";

  /** Bytes that are packed before what they are packed from is freed. */
  private static final long AT_ONCE = 1L << 28;

  private final Map<String, TensorSpec> sources = new LinkedHashMap<>();
  private final Map<String, String> packedOf = new HashMap<>();
  private final Map<String, String> copyOf = new HashMap<>();
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
          .ifPresent(
              source -> {
                packedOf.put(source.name(), name);
                declare(graph, source, input.spec());
              });
      Kernels.copiedFrom(name)
          .map(traced)
          .filter(source -> sources.putIfAbsent(name, source) == null)
          .ifPresent(
              source -> {
                copyOf.put(source.name(), name);
                declareCopy(graph, source, input.spec());
              });
    }
  }

  private static void declareCopy(Graph graph, TensorSpec source, TensorSpec copy) {
    SessionState.declare(graph, List.of(copy));
    String name = copy.name();
    graph.importGraphDef(
        GraphDef.newBuilder()
            .addNode(Nodes.variable("from/" + name, source.name(), source.type(), source.shape()))
            .addNode(Nodes.read("plain/" + name, "from/" + name, source.type()))
            .addNode(Nodes.cast("copied/" + name, "plain/" + name, source.type(), copy.type()))
            .addNode(Nodes.variable("to/" + name, name, copy.type(), copy.shape()))
            .addNode(Nodes.assign("pack/" + name, "to/" + name, "copied/" + name, copy.type()))
            .build(),
        SCOPE);
  }

  private static void declare(Graph graph, TensorSpec source, TensorSpec packed) {
    SessionState.declare(graph, List.of(packed));
    String name = packed.name();
    ElementType type = source.type();
    TensorShape none = TensorShape.of(0, source.shape().dimensions().getLast());
    graph.importGraphDef(
        GraphDef.newBuilder()
            .addNode(Nodes.variable("from/" + name, source.name(), type, source.shape()))
            .addNode(Nodes.read("plain/" + name, "from/" + name, type))
            .addNode(Kernels.pack("packed/" + name, name, "plain/" + name, Tensors.dataType(type)))
            .addNode(Nodes.variable("to/" + name, name, packed.type(), packed.shape()))
            .addNode(Nodes.assign("pack/" + name, "to/" + name, "packed/" + name, packed.type()))
            .addNode(
                Nodes.destroy("free/" + name, "from/" + name).toBuilder()
                    .addInput("^pack/" + name)
                    .build())
            .addNode(Nodes.read("kept/" + name, "to/" + name, packed.type()))
            .addNode(Nodes.empty("like/" + name, type, none))
            .addNode(
                Kernels.unpack(
                    "unpacked/" + name,
                    name,
                    "kept/" + name,
                    "like/" + name,
                    Tensors.dataType(type)))
            .addNode(Nodes.assign("unpack/" + name, "from/" + name, "unpacked/" + name, type))
            .build(),
        SCOPE);
  }

  /** What is packed or copied from some state. */
  List<String> madeOf(Collection<String> states) {
    return Stream.of(packedOf, copyOf)
        .flatMap(made -> states.stream().map(made::get))
        .filter(Objects::nonNull)
        .toList();
  }

  /** Whether a state has no value of its own and is there packed. */
  boolean holds(SessionState state, String name) {
    return !state.has(name) && packedOf.containsKey(name) && state.has(packedOf.get(name));
  }

  /** The present value of a state that is there packed; the caller closes it. */
  HostTensor read(Session session, SessionState state, String name) {
    state.settle();
    String unpacked = SCOPE + "/unpacked/" + packedOf.get(name);
    return Tensors.view(session.runner().fetch(unpacked).run().get(0));
  }

  /**
   * Packs what a function reads packed and unpacks what it reads plain, where it is not there yet.
   *
   * @throws IllegalStateException if there is state that was never assigned
   */
  void provide(Session session, SessionState state, GraphFunction function) {
    state.settle();
    Batch batch = new Batch(session, state);
    for (GraphFunction.Input input : function.state()) {
      String name = input.spec().name();
      if (state.has(name)) continue;
      TensorSpec source = sources.getOrDefault(name, input.spec());
      if (source != input.spec() && state.has(source.name())) {
        batch.pack(name, source);
      } else if (holds(state, name)) {
        batch.unpack(name, source);
      } else {
        throw new IllegalStateException(
            function.name() + " needs " + source + ", which was not assigned");
      }
    }
    batch.run();
  }

  /** What is packed and unpacked in one run of the session. */
  private final class Batch {
    private final Session session;
    private final SessionState state;
    private final List<String> targets = new ArrayList<>();
    private final List<String> gone = new ArrayList<>();
    private final List<String> there = new ArrayList<>();
    private long bytes;

    Batch(Session session, SessionState state) {
      this.session = session;
      this.state = state;
    }

    void pack(String packed, TensorSpec source) {
      targets.add(SCOPE + "/pack/" + packed);
      there.add(packed);
      if (!read.contains(source.name())) {
        targets.add(SCOPE + "/free/" + packed);
        gone.add(source.name());
      }
      added(source);
    }

    void unpack(String name, TensorSpec plain) {
      targets.add(SCOPE + "/unpack/" + packedOf.get(name));
      there.add(name);
      added(plain);
    }

    private void added(TensorSpec matrix) {
      bytes += matrix.bytes();
      if (bytes > AT_ONCE) run();
    }

    void run() {
      if (targets.isEmpty()) return;
      Session.Runner runner = session.runner();
      targets.forEach(runner::addTarget);
      runner.run().close();
      state.moved(gone, there);
      targets.clear();
      gone.clear();
      there.clear();
      bytes = 0;
    }
  }
}
