package io.gemlab.graph.path.kernel;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.GraphFunction.KernelPlace;
import io.gemlab.graph.trace.NodeInput;
import io.gemlab.ops.Kernel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/**
 * Copies in bfloat16 of the weights that a function's optimizer moves, which it writes beside them:
 * more state of the function, that its products read instead of casting all weights in each call.
 *
 * <p>A weight has one where its cast is read more than once, by the forward pass and by the
 * backward pass: while a step runs, such a cast takes as much memory as a copy.
 */
final class Bfloat16Copies {
  private static final String SUFFIX = "/bfloat16";

  /** By the weight's node. */
  private final Map<String, GraphFunction.Input> copies = new LinkedHashMap<>();

  private final Map<String, NodeInput> casts = new HashMap<>();

  /**
   * Finds them.
   *
   * @param places those that have kernels
   */
  Bfloat16Copies(GraphFunction function, List<KernelPlace> places) {
    Set<String> moved = new HashSet<>();
    for (KernelPlace place : places) {
      if (place.kernel() != Kernel.ADAMW) continue;
      weights(place).forEach(weight -> moved.add(weight.node()));
    }
    if (moved.isEmpty()) return;
    Map<String, GraphFunction.Input> state = new HashMap<>();
    for (GraphFunction.Input input : function.state()) state.put(input.node(), input);
    Map<String, Integer> readers = new HashMap<>();
    for (NodeDef node : function.graph().getNodeList()) {
      for (NodeInput input : NodeInput.data(node)) readers.merge(input.node(), 1, Integer::sum);
    }
    for (NodeDef node : function.graph().getNodeList()) {
      if (!rounds(node) || readers.getOrDefault(node.getName(), 0) < 2) continue;
      String weight = NodeInput.data(node).getFirst().node();
      if (!moved.contains(weight)) continue;
      String copy = copies.computeIfAbsent(weight, same -> copy(state.get(same))).node();
      casts.put(node.getName(), new NodeInput(copy, 0, false));
    }
  }

  private static boolean rounds(NodeDef node) {
    return node.getOp().equals("Cast")
        && node.getAttrOrThrow("SrcT").getType() == DataType.DT_FLOAT
        && node.getAttrOrThrow("DstT").getType() == DataType.DT_BFLOAT16;
  }

  private static GraphFunction.Input copy(GraphFunction.Input weight) {
    TensorSpec spec = weight.spec();
    return new GraphFunction.Input(
        new TensorSpec(spec.name() + SUFFIX, ElementType.BF16, spec.shape()),
        weight.node() + SUFFIX,
        weight.role());
  }

  private static List<NodeInput> weights(KernelPlace adamW) {
    return adamW.operands().subList(0, adamW.values().size() / AdamWOp.STATES);
  }

  /** The name of the state that a state is a copy of; empty where it is none. */
  static Optional<String> source(String state) {
    return state.endsWith(SUFFIX)
        ? Optional.of(state.substring(0, state.length() - SUFFIX.length()))
        : Optional.empty();
  }

  /** The copies as state of the function. */
  List<GraphFunction.Input> state() {
    return List.copyOf(copies.values());
  }

  /** What is read in the place of each cast. */
  Map<String, NodeInput> casts() {
    return casts;
  }

  /**
   * What the optimizer takes as its weights' copies: of one that has none, the weight itself.
   *
   * @param adamW its place
   */
  List<NodeInput> operands(KernelPlace adamW) {
    List<NodeInput> operands = new ArrayList<>();
    for (NodeInput weight : weights(adamW)) {
      GraphFunction.Input copy = copies.get(weight.node());
      operands.add(copy == null ? weight : new NodeInput(copy.node(), 0, false));
    }
    return operands;
  }

  /** The types of {@link #operands}. */
  List<DataType> types(KernelPlace adamW) {
    return weights(adamW).stream()
        .map(weight -> copies.containsKey(weight.node()) ? DataType.DT_BFLOAT16 : DataType.DT_FLOAT)
        .toList();
  }

  /** The copies as the optimizer leaves them: its outputs after those of the weights' state. */
  List<GraphFunction.Output> updates(KernelPlace adamW) {
    List<GraphFunction.Output> updates = new ArrayList<>();
    List<NodeInput> weights = weights(adamW);
    for (int i = 0; i < weights.size(); i++) {
      GraphFunction.Input copy = copies.get(weights.get(i).node());
      if (copy == null) continue;
      updates.add(new GraphFunction.Output(copy.spec(), adamW.name(), adamW.values().size() + i));
    }
    return updates;
  }
}
