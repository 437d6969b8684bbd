package io.gemlab.graph.trace;

import java.util.List;
import org.tensorflow.proto.NodeDef;

/**
 * Where a node of a GraphDef gets an input: an output of another node, or only that node's having
 * run.
 *
 * @param node the other node
 * @param index which of its outputs; 0 where {@code control}
 * @param control whether it is order alone
 */
public record NodeInput(String node, int index, boolean control) {

  /** Reads {@code node}, {@code node:index} or {@code ^node}. */
  public static NodeInput of(String input) {
    if (input.startsWith("^")) return new NodeInput(input.substring(1), 0, true);
    int colon = input.lastIndexOf(':');
    return colon < 0
        ? new NodeInput(input, 0, false)
        : new NodeInput(
            input.substring(0, colon), Integer.parseInt(input.substring(colon + 1)), false);
  }

  /** All inputs of a node; data comes first, in order. */
  public static List<NodeInput> of(NodeDef node) {
    return node.getInputList().stream().map(NodeInput::of).toList();
  }

  /** The inputs that carry data, in order. */
  public static List<NodeInput> data(NodeDef node) {
    return of(node).stream().filter(input -> !input.control()).toList();
  }

  /** As a GraphDef writes it. */
  @Override
  public String toString() {
    if (control) return "^" + node;
    return index == 0 ? node : node + ":" + index;
  }
}
