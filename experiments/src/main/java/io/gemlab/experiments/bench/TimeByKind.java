package io.gemlab.experiments.bench;

import io.gemlab.graph.path.Profile;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the time of one call went, by kind of node. Nodes run at once, so the kinds' sum can exceed
 * the call.
 *
 * @param kinds the longest first
 */
record TimeByKind(List<Kind> kinds) {
  TimeByKind {
    kinds = List.copyOf(kinds);
  }

  /**
   * The nodes of a kind.
   *
   * @param label such as {@code matrix products}
   * @param millis the sum of their times
   * @param nodes how many
   */
  record Kind(String label, double millis, int nodes) {
    private Kind plus(Kind other) {
      return new Kind(label, millis + other.millis, nodes + other.nodes);
    }
  }

  static TimeByKind of(Profile profile) {
    XlaPrograms programs = new XlaPrograms(profile);
    Map<String, Kind> byLabel = new LinkedHashMap<>();
    for (Profile.Node node : profile.nodes()) {
      NodeKind kind = NodeKind.of(node);
      String label = kind == NodeKind.XLA_PROGRAM ? "XLA: " + programs.label(node) : kind.label();
      byLabel.merge(label, new Kind(label, node.took().toNanos() / 1e6, 1), Kind::plus);
    }
    return new TimeByKind(
        byLabel.values().stream()
            .sorted(Comparator.comparingDouble(Kind::millis).reversed())
            .toList());
  }

  /** Milliseconds of all nodes together. */
  double sum() {
    return kinds.stream().mapToDouble(Kind::millis).sum();
  }
}
