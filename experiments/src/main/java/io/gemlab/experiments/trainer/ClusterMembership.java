package io.gemlab.experiments.trainer;

import io.gemlab.graph.base.batch.Share;
import io.gemlab.graph.base.cluster.Cluster;
import io.gemlab.graph.base.cluster.Loss;
import io.gemlab.graph.base.keyvalue.ClusterToken;
import io.gemlab.graph.path.product.Products;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * That this process is to be a worker of a cluster.
 *
 * @param cluster which
 * @param token lets it in
 * @param restarted why the workers were started again; empty for a first start
 * @param said hears what it waits for, a line each
 * @param lost hears which worker is lost, and ends this process
 */
public record ClusterMembership(
    Cluster cluster,
    ClusterToken token,
    Optional<String> restarted,
    Consumer<String> said,
    Consumer<Loss> lost) {

  /** Says in the run's events who trains it, and why they begin again. */
  void begin(int done, RunEvents happened) {
    restarted.ifPresent(why -> happened.add(done, RunEvents.Kind.RESTARTED, why));
    happened.add(
        done,
        RunEvents.Kind.WORKERS,
        "%d workers: %s"
            .formatted(
                cluster.size(),
                cluster.workers().stream().map(String::valueOf).collect(Collectors.joining(", "))));
  }

  /**
   * Which kernels compute products where several workers train: one that is pinned, or TensorFlow's
   * own, since workers that time for themselves would choose different ones.
   */
  static Products products(Products asked) {
    return asked.pin().isPresent() ? asked : Products.TENSORFLOW;
  }

  /** What this process computes of each batch. */
  Share share() {
    return new Share(cluster.task(), cluster.size());
  }
}
