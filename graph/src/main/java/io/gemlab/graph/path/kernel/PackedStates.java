package io.gemlab.graph.path.kernel;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.runtime.Tensors;
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
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/** The matrices of one function that kernels read packed: more state of it. */
final class PackedStates {
  private final Map<String, GraphFunction.Input> plain = new HashMap<>();
  private final Map<String, GraphFunction.Input> packed = new LinkedHashMap<>();
  private final Packing packing;

  /** Nodes that something else than a product reads. */
  private final Set<String> readOtherwise = new HashSet<>();

  PackedStates(GraphFunction function, Packing packing) {
    this.packing = packing;
    for (GraphFunction.Input input : function.state()) plain.put(input.node(), input);
    Set<String> products = new HashSet<>();
    for (KernelPlace place : function.kernelPlaces()) {
      if (isProduct(place)) products.addAll(place.values());
    }
    for (NodeDef node : function.graph().getNodeList()) {
      if (products.contains(node.getName())) continue;
      for (NodeInput input : NodeInput.of(node)) readOtherwise.add(input.node());
    }
  }

  /** Whether a place's kernel is one of a matrix that may be packed. */
  static boolean isProduct(KernelPlace place) {
    return switch (place.kernel()) {
      case PRODUCT, PACKED_PRODUCT, W8A8_PRODUCT, W4A8_PRODUCT -> true;
      default -> false;
    };
  }

  /** The layout that a kernel reads what is packed in. */
  static PackedLayout layout(Kernel kernel) {
    return kernel == Kernel.W4A8_PRODUCT ? PackedLayout.TILES : PackedLayout.ONEDNN;
  }

  /** The operands of a kernel that are packed: W, and its scales where there is one a block. */
  static Set<Integer> operands(Kernel kernel) {
    return kernel == Kernel.W4A8_PRODUCT ? Set.of(1, 2) : Set.of(1);
  }

  /** The name of the state that a state is packed from; empty where it isn't packed. */
  static Optional<String> source(String state) {
    return PackedLayout.of(state)
        .map(layout -> state.substring(0, state.length() - layout.suffix().length()));
  }

  /**
   * Whether a place's matrix is packed: it has to be state, for that is done once for all calls.
   * Integers always are. One of floats that something else reads too, as an embedding's rows are
   * looked up, stays plain, or it would be kept twice.
   */
  boolean packs(KernelPlace place) {
    if (!isProduct(place) || !layout(place.kernel()).isSupported()) return false;
    for (int operand : operands(place.kernel())) {
      if (!plain.containsKey(place.operands().get(operand).node())) return false;
    }
    return switch (place.kernel()) {
      case W8A8_PRODUCT, W4A8_PRODUCT -> true;
      default -> packing.floats() && !readOtherwise.contains(place.operands().get(1).node());
    };
  }

  /** The node that a kernel reads in a matrix's place. */
  String node(NodeInput matrix, PackedLayout layout) {
    return packed.computeIfAbsent(matrix.node(), node -> pack(plain.get(node), layout)).node();
  }

  private static GraphFunction.Input pack(GraphFunction.Input matrix, PackedLayout layout) {
    TensorSpec spec = matrix.spec();
    List<Long> shape = spec.shape().dimensions();
    MatrixPacking packing =
        layout.packing(
            Tensors.dataType(spec.type()).getNumber(),
            Math.toIntExact(shape.get(1)),
            Math.toIntExact(shape.get(0)));
    return new GraphFunction.Input(
        new TensorSpec(
            spec.name() + layout.suffix(),
            ElementType.U8,
            TensorShape.of(shape.get(0), packing.bytesPerRow())),
        matrix.node() + layout.suffix(),
        matrix.role());
  }

  /** Placeholders of the packed matrices. */
  List<NodeDef> placeholders() {
    return packed.values().stream().map(PackedStates::placeholder).toList();
  }

  /** The node of a state in a function. */
  static NodeDef placeholder(GraphFunction.Input state) {
    DataType type = Tensors.dataType(state.spec().type());
    return NodeDef.newBuilder()
        .setName(state.node())
        .setOp("Placeholder")
        .putAttr("dtype", AttrValue.newBuilder().setType(type).build())
        .putAttr("shape", Tensors.attribute(state.spec().shape()))
        .build();
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
