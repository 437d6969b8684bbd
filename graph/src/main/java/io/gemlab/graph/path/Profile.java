package io.gemlab.graph.path;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Where one call's time went, node by node. Nodes overlap where the runtime runs several at once,
 * so their sum can exceed the whole.
 *
 * @param whole how long the call took
 * @param nodes what was executed, in no order
 */
public record Profile(Duration whole, List<Node> nodes) {
  public Profile {
    nodes = List.copyOf(nodes);
  }

  /** Takes down the nodes of a call as they end, from its begin on. */
  public static final class Recorder {
    private final long begin = System.nanoTime();
    private final List<Node> nodes = new ArrayList<>();

    /** A node has ended just now. */
    public void ended(String name, String op, Duration took, List<String> inputs) {
      nodes.add(new Node(name, op, sinceBegin().minus(took), took, inputs));
    }

    /** The call has ended. */
    public Profile profile() {
      return new Profile(sinceBegin(), nodes);
    }

    private Duration sinceBegin() {
      return Duration.ofNanos(System.nanoTime() - begin);
    }
  }

  /**
   * @param name the node's name in the graph that ran
   * @param op its op type, such as {@code MatMul} or {@code _XlaRun}
   * @param start since the call began
   * @param took how long it ran
   * @param inputs names of the nodes whose values it took, {@code name:1} for another output than
   *     the first; an XLA program has no other trace of what it holds
   */
  public record Node(String name, String op, Duration start, Duration took, List<String> inputs) {
    public Node {
      inputs = List.copyOf(inputs);
    }
  }
}
