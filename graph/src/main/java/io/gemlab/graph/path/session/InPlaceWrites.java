package io.gemlab.graph.path.session;

import io.gemlab.graph.trace.GraphFunction;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * Writes a few rows of a state in its own memory, so that a cache is not copied for every token.
 *
 * <p>A {@code TensorScatterUpdate} of a state, or of a reshaped one, copies it first, since the
 * variable still holds it. Where nothing else reads the value from before, it becomes {@code
 * InplaceUpdate}, which writes to the memory it is given. Reads, reshapes and assignments of
 * variables hand on memory and copy nothing, so the variable ends up with what it had. (TF's own op
 * for this, {@code ResourceScatterNdUpdate}, makes every later read of the variable copy it.)
 */
final class InPlaceWrites {
  private static final String SCATTER = "TensorScatterUpdate";

  private final GraphFunction function;
  private final Map<String, NodeDef> nodes = new HashMap<>();
  private final Map<String, Integer> readers = new HashMap<>();
  private final Set<String> state = new HashSet<>();

  private InPlaceWrites(GraphFunction function) {
    this.function = function;
    for (NodeDef node : function.graph().getNodeList()) {
      nodes.put(node.getName(), node);
      for (String input : node.getInputList()) readers.merge(input, 1, Integer::sum);
    }
    function.outputs().forEach(output -> readers.merge(output.node(), 1, Integer::sum));
    function.state().forEach(input -> state.add(input.node()));
  }

  /** A function's graph with such writes. */
  static GraphDef of(GraphFunction function) {
    return new InPlaceWrites(function).graph();
  }

  private GraphDef graph() {
    Set<String> handedOn = new HashSet<>();
    GraphDef.Builder graph = function.graph().toBuilder().clearNode();
    for (NodeDef node : function.graph().getNodeList()) {
      if (node.getOp().equals(SCATTER) && isOnlyReader(node.getInput(0))) {
        handedOn.add(node.getInput(0));
        addWrite(graph, node);
      } else {
        graph.addNode(node);
      }
    }
    // A compiled reshape would hand on a copy.
    graph.getNodeBuilderList().stream()
        .filter(node -> handedOn.contains(node.getName()))
        .forEach(node -> node.putAttr("_XlaCompile", Nodes.flag(false)));
    return graph.build();
  }

  /** Whether {@code value} is a state, or a state reshaped, that is read here and nowhere else. */
  private boolean isOnlyReader(String value) {
    if (readers.get(value) > 1) return false;
    if (state.contains(value)) return true;
    NodeDef node = nodes.get(value);
    return node != null && node.getOp().equals("Reshape") && isOnlyReader(node.getInput(0));
  }

  private static void addWrite(GraphDef.Builder graph, NodeDef scatter) {
    String flat = scatter.getName() + "_rows";
    AttrValue indexType = scatter.getAttrOrThrow("Tindices");
    graph
        .addNode(oneDimension(flat + "_shape"))
        .addNode(
            NodeDef.newBuilder()
                .setName(flat)
                .setOp("Reshape")
                .addInput(scatter.getInput(1))
                .addInput(flat + "_shape")
                .putAttr("T", indexType)
                .putAttr("Tshape", AttrValue.newBuilder().setType(DataType.DT_INT32).build()))
        .addNode(
            NodeDef.newBuilder()
                .setName(scatter.getName())
                .setOp("InplaceUpdate")
                .addInput(scatter.getInput(0))
                .addInput(flat)
                .addInput(scatter.getInput(2))
                .putAttr("T", scatter.getAttrOrThrow("T"))
                .putAttr("_XlaCompile", Nodes.flag(false)));
  }

  /** The constant [-1]. */
  private static NodeDef oneDimension(String name) {
    TensorProto minusOne =
        TensorProto.newBuilder()
            .setDtype(DataType.DT_INT32)
            .setTensorShape(
                TensorShapeProto.newBuilder().addDim(TensorShapeProto.Dim.newBuilder().setSize(1)))
            .addIntVal(-1)
            .build();
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("Const")
        .putAttr("dtype", AttrValue.newBuilder().setType(DataType.DT_INT32).build())
        .putAttr("value", AttrValue.newBuilder().setTensor(minusOne).build())
        .build();
  }
}
