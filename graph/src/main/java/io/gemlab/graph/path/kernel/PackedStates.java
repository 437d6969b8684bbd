package io.gemlab.graph.path.kernel;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.NodeInput;
import io.gemlab.ops.RowKernel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/** The matrices of one function that kernels read packed: more state of it. */
final class PackedStates {
  private static final String SUFFIX = "/packed";

  private final Map<String, GraphFunction.Input> plain = new HashMap<>();
  private final Map<String, GraphFunction.Input> packed = new LinkedHashMap<>();

  PackedStates(Collection<GraphFunction.Input> state) {
    for (GraphFunction.Input input : state) plain.put(input.node(), input);
  }

  /** The name of the state that a state is packed from; empty where it isn't packed. */
  static Optional<String> source(String state) {
    return state.endsWith(SUFFIX)
        ? Optional.of(state.substring(0, state.length() - SUFFIX.length()))
        : Optional.empty();
  }

  /**
   * Whether a place's matrix is of the state, if it must be packed: that is done once for all
   * calls.
   */
  boolean fits(GraphFunction.KernelPlace place) {
    return place.kernel() != RowKernel.W8A8_PRODUCT
        || plain.containsKey(place.operands().get(1).node());
  }

  /** The node that a kernel reads in a matrix's place. */
  String node(NodeInput matrix) {
    return packed.computeIfAbsent(matrix.node(), node -> pack(plain.get(node))).node();
  }

  private static GraphFunction.Input pack(GraphFunction.Input matrix) {
    List<Long> shape = matrix.spec().shape().dimensions();
    DnnlPacking packing =
        new DnnlPacking(Math.toIntExact(shape.get(1)), Math.toIntExact(shape.get(0)));
    return new GraphFunction.Input(
        new TensorSpec(
            matrix.spec().name() + SUFFIX, ElementType.U8, TensorShape.of(packing.bytes())),
        matrix.node() + SUFFIX,
        matrix.role());
  }

  /** Placeholders of the packed matrices. */
  List<NodeDef> placeholders() {
    List<NodeDef> nodes = new ArrayList<>();
    for (GraphFunction.Input input : packed.values()) {
      nodes.add(
          NodeDef.newBuilder()
              .setName(input.node())
              .setOp("Placeholder")
              .putAttr("dtype", AttrValue.newBuilder().setType(DataType.DT_UINT8).build())
              .build());
    }
    return nodes;
  }

  /**
   * The function's state with what is packed, and without plain matrices that nothing else reads.
   *
   * @param read names of the nodes that the outputs need
   */
  List<GraphFunction.Input> state(List<GraphFunction.Input> state, Set<String> read) {
    List<GraphFunction.Input> all = new ArrayList<>();
    for (GraphFunction.Input input : state) {
      if (!packed.containsKey(input.node()) || read.contains(input.node())) all.add(input);
    }
    all.addAll(packed.values());
    return all;
  }
}
