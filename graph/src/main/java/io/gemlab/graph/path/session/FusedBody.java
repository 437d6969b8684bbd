package io.gemlab.graph.path.session;

import io.gemlab.graph.path.KernelUse;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.NodeInput;
import io.gemlab.ops.Kernel;
import io.gemlab.ops.OrderingBarrier;
import io.gemlab.ops.choice.Support;
import org.tensorflow.Graph;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;

/**
 * A function's body as one call that XLA must compile.
 *
 * <p>TensorFlow Java has no open door to this (tensorflow/java#347); what works is the attribute
 * {@code _XlaMustCompile}, on the function's definition and on its call.
 *
 * <p>It is public for whoever has XLA compile a function and takes the program instead of running
 * it.
 */
public final class FusedBody implements SessionBody {
  private static final String MUST_COMPILE = "_XlaMustCompile";
  private static final String CALL = "fused";

  /** Whether a node of a running graph is such a call. */
  static boolean isCompiled(NodeDef node) {
    AttrValue mustCompile = node.getAttrMap().get(MUST_COMPILE);
    return mustCompile != null && mustCompile.getB();
  }

  @Override
  public GraphDef graph(GraphFunction function) {
    FunctionDef definition =
        FunctionLibrary.definition(function, FusedBody::withBarriers).toBuilder()
            .putAttr(MUST_COMPILE, Nodes.flag(true))
            .putAttr("_noinline", Nodes.flag(true))
            .build();
    GraphDef.Builder graph = function.graph().toBuilder().clearNode();
    graph
        .getLibraryBuilder()
        .addFunction(definition)
        .addAllFunction(FunctionLibrary.loops(function, FusedBody::withBarriers));
    NodeDef.Builder call =
        NodeDef.newBuilder()
            .setName(CALL)
            .setOp("PartitionedCall")
            .putAttr("f", functionAttribute(definition))
            .putAttr(MUST_COMPILE, Nodes.flag(true));
    AttrValue.ListValue.Builder inputTypes = AttrValue.ListValue.newBuilder();
    for (GraphFunction.Input input : function.inputs()) {
      graph.addNode(Nodes.placeholder(input.node(), input.spec().type(), input.spec().shape()));
      call.addInput(input.node());
      inputTypes.addType(Nodes.type(input.spec().type()).getType());
    }
    AttrValue.ListValue.Builder outputTypes = AttrValue.ListValue.newBuilder();
    for (GraphFunction.Output output : function.outputs()) {
      outputTypes.addType(Nodes.type(output.spec().type()).getType());
    }
    call.putAttr("Tin", AttrValue.newBuilder().setList(inputTypes).build());
    call.putAttr("Tout", AttrValue.newBuilder().setList(outputTypes).build());
    return graph.addNode(call).build();
  }

  @Override
  public Support kernel(Kernel kernel) {
    return KernelUse.ALL_COMPILED;
  }

  @Override
  public boolean choosesProducts() {
    return false;
  }

  @Override
  public String output(GraphFunction function, int position) {
    return position == 0 ? CALL : CALL + ":" + position;
  }

  private static AttrValue functionAttribute(FunctionDef definition) {
    return AttrValue.newBuilder()
        .setFunc(NameAttrList.newBuilder().setName(definition.getSignature().getName()))
        .build();
  }

  /**
   * The body with an optimization barrier wherever an ordering stands: XLA drops control edges, and
   * would merge what is computed again with the first time.
   */
  private static GraphDef withBarriers(GraphDef body) {
    try (Graph graph = new Graph()) {
      graph.importGraphDef(body);
      GraphDef.Builder barred = body.toBuilder().clearNode();
      for (NodeDef node : body.getNodeList()) {
        barred.addNode(node.getOp().equals(OrderingBarrier.OP) ? barrier(node, graph) : node);
      }
      return barred.build();
    }
  }

  private static NodeDef barrier(NodeDef ordering, Graph graph) {
    NodeDef.Builder barrier =
        NodeDef.newBuilder().setName(ordering.getName()).setOp("XlaOptimizationBarrier");
    AttrValue.ListValue.Builder types = AttrValue.ListValue.newBuilder();
    for (NodeInput input : NodeInput.of(ordering)) {
      NodeInput value = new NodeInput(input.node(), input.index(), false);
      barrier.addInput(value.toString());
      types.addType(graph.operation(value.node()).output(value.index()).dataType());
    }
    return barrier.putAttr("T", AttrValue.newBuilder().setList(types).build()).build();
  }
}
