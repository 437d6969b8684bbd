package io.gemlab.graph.path.eager;

import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.NodeInput;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.NodeDef;

/**
 * The order in which a function's nodes are executed, and when each value is last used.
 *
 * <p>The order is depth first from the outputs, so that a value is used soon after it was made and
 * freed soon after that.
 *
 * @param steps nodes to execute, in order; inputs and constants are not among them
 * @param constants nodes to execute once, before the first call
 */
record EagerPlan(List<Step> steps, List<NodeDef> constants) {

  /**
   * A node to execute.
   *
   * @param inputs the values it takes, in order
   * @param freed nodes whose values nobody uses after this step
   */
  record Step(NodeDef node, List<NodeInput> inputs, List<String> freed) {}

  static EagerPlan of(GraphFunction function) {
    Map<String, NodeDef> nodes = new HashMap<>();
    for (NodeDef node : function.graph().getNodeList()) nodes.put(node.getName(), node);
    List<String> outputs = function.outputs().stream().map(GraphFunction.Output::node).toList();
    List<NodeDef> ordered = depthFirst(nodes, outputs);

    Map<String, Integer> lastUse = new HashMap<>();
    List<NodeDef> executed = new ArrayList<>();
    List<NodeDef> constants = new ArrayList<>();
    for (NodeDef node : ordered) {
      switch (node.getOp()) {
        case "Placeholder" -> {}
        case "Const" -> constants.add(node);
        default -> {
          lastUse.put(node.getName(), executed.size()); // at least until it was made
          for (NodeInput input : NodeInput.of(node)) {
            lastUse.computeIfPresent(input.node(), (name, before) -> executed.size());
          }
          executed.add(node);
        }
      }
    }
    outputs.forEach(lastUse::remove);

    List<List<String>> freed = new ArrayList<>();
    for (int i = 0; i < executed.size(); i++) freed.add(new ArrayList<>());
    lastUse.forEach((name, step) -> freed.get(step).add(name));
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < executed.size(); i++) {
      steps.add(new Step(executed.get(i), NodeInput.data(executed.get(i)), freed.get(i)));
    }
    return new EagerPlan(steps, constants);
  }

  private static List<NodeDef> depthFirst(Map<String, NodeDef> nodes, List<String> outputs) {
    List<NodeDef> ordered = new ArrayList<>();
    Set<String> entered = new HashSet<>();
    Set<String> done = new HashSet<>();
    Deque<String> path = new ArrayDeque<>();
    for (String output : outputs) {
      path.push(output);
      while (!path.isEmpty()) {
        String name = path.peek();
        NodeDef node = nodes.get(name);
        if (entered.add(name)) {
          for (NodeInput input : NodeInput.of(node).reversed()) {
            if (!entered.contains(input.node())) path.push(input.node());
          }
        } else {
          path.pop();
          if (done.add(name)) ordered.add(node);
        }
      }
    }
    return ordered;
  }
}
