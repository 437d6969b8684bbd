package io.gemlab.graph.trace;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.NodeDef;

/** What some nodes of a graph need: themselves, and all that they get inputs from. */
public final class NeededNodes {
  private NeededNodes() {}

  /**
   * Names of the nodes needed.
   *
   * @param nodes the graph's, by name
   * @param outputs names of the nodes that need them
   */
  public static Set<String> of(Map<String, NodeDef> nodes, Collection<String> outputs) {
    return besides(Set.of(), nodes, outputs);
  }

  /** Names of the nodes needed besides some that are there, with all that they need. */
  static Set<String> besides(
      Set<String> there, Map<String, NodeDef> nodes, Collection<String> outputs) {
    Set<String> needed = new LinkedHashSet<>();
    Deque<String> pending = new ArrayDeque<>(outputs);
    while (!pending.isEmpty()) {
      String name = pending.pop();
      if (there.contains(name) || !needed.add(name)) continue;
      for (NodeInput input : NodeInput.of(nodes.get(name))) pending.push(input.node());
    }
    return needed;
  }
}
