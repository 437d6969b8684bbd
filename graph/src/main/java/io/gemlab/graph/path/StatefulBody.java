package io.gemlab.graph.path;

import io.gemlab.graph.tensor.TensorSpec;
import io.gemlab.graph.trace.GraphFunction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * A function's body as a session runs it: variables where it had placeholders for state, and
 * assignments of its updates.
 *
 * <p>An update that only overwrites some places of its state (a {@code TensorScatterUpdate} of it),
 * where nothing else reads the state from before, is done in the variable's own memory: a cache is
 * not copied for each token written to it.
 */
final class StatefulBody {
  private static final String SCATTER = "TensorScatterUpdate";

  private final SessionBody body;
  private final GraphFunction function;
  private final GraphDef traced;
  private final Map<String, TensorSpec> stateByNode = new HashMap<>();
  private final Map<String, String> scatterByState = new HashMap<>();

  StatefulBody(SessionBody body, GraphFunction function) {
    this.body = body;
    this.function = function;
    this.traced = body.graph(function);
    for (GraphFunction.Input input : function.state()) stateByNode.put(input.node(), input.spec());
    findScatters();
  }

  /** The node that makes an update happen. */
  static String assignment(String state) {
    return "assign/" + state;
  }

  GraphDef graph() {
    Map<String, String> stateByScatter = new HashMap<>();
    scatterByState.forEach((state, scatter) -> stateByScatter.put(scatter, state));
    GraphDef.Builder stateful = traced.toBuilder().clearNode();
    for (NodeDef node : traced.getNodeList()) {
      TensorSpec spec = stateByNode.get(node.getName());
      String scattered = stateByScatter.get(node.getName());
      if (spec != null) addState(stateful, node, spec);
      else if (scattered != null) addScatter(stateful, node, scattered);
      else stateful.addNode(node);
    }
    int position = function.results().size();
    for (GraphFunction.Output update : function.updates()) {
      String name = update.spec().name();
      String value = body.output(function, position++);
      if (scatterByState.containsKey(name)) continue;
      stateful.addNode(Nodes.assign(assignment(name), variable(name), value, update.spec().type()));
    }
    return stateful.build();
  }

  private void addState(GraphDef.Builder stateful, NodeDef node, TensorSpec spec) {
    String variable = variable(spec.name());
    stateful.addNode(Nodes.variable(variable, spec.name(), spec.type(), spec.shape()));
    if (scatterByState.containsKey(spec.name())) return;
    stateful.addNode(Nodes.read(node.getName(), variable, spec.type()));
  }

  /** The write, and under the scatter's own name what is in the variable after it. */
  private void addScatter(GraphDef.Builder stateful, NodeDef scatter, String state) {
    NodeDef.Builder write =
        NodeDef.newBuilder()
            .setName(assignment(state))
            .setOp("ResourceScatterNdUpdate")
            .addInput(variable(state))
            .addInput(scatter.getInput(1))
            .addInput(scatter.getInput(2))
            .putAttr("T", scatter.getAttrOrThrow("T"))
            .putAttr("Tindices", scatter.getAttrOrThrow("Tindices"))
            .putAttr("_XlaCompile", Nodes.flag(false)); // a compiled write would be a copy again
    stateful
        .addNode(write)
        .addNode(
            NodeDef.newBuilder()
                .setName(scatter.getName())
                .setOp("ReadVariableOp")
                .addInput(variable(state))
                .addInput("^" + assignment(state))
                .putAttr("dtype", scatter.getAttrOrThrow("T")));
  }

  private void findScatters() {
    Map<String, NodeDef> nodes = new HashMap<>();
    Map<String, Integer> readers = new HashMap<>();
    for (NodeDef node : traced.getNodeList()) {
      nodes.put(node.getName(), node);
      for (String input : node.getInputList()) readers.merge(input, 1, Integer::sum);
    }
    List<String> results = function.results().stream().map(GraphFunction.Output::node).toList();
    for (GraphFunction.Output update : function.updates()) {
      NodeDef node = nodes.get(update.node());
      if (node == null || !node.getOp().equals(SCATTER)) continue;
      String overwritten = node.getInput(0);
      TensorSpec spec = stateByNode.get(overwritten);
      boolean readElsewhere = readers.get(overwritten) > 1 || results.contains(overwritten);
      if (spec != null && spec.name().equals(update.spec().name()) && !readElsewhere) {
        scatterByState.put(spec.name(), node.getName());
      }
    }
  }

  private static String variable(String state) {
    return "variable/" + state;
  }
}
