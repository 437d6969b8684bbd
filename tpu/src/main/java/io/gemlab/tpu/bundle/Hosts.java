package io.gemlab.tpu.bundle;

import io.gemlab.graph.base.cluster.Cluster;
import io.gemlab.graph.base.cluster.Gathering;
import io.gemlab.graph.base.cluster.SharedStore;
import io.gemlab.graph.base.cluster.WorkerWatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.keyvalue.ClusterToken;
import io.gemlab.tpu.device.HostPlace;
import java.util.List;
import java.util.function.Consumer;

/**
 * The hosts that run a bundle together, as the process of one sees them: the first serves the store
 * through which their plugins' clients find each other, and all watch over each other, since a
 * program that waits for a host that is gone waits forever.
 */
final class Hosts implements AutoCloseable {
  private final Cluster cluster;
  private final SharedStore shared;
  private final WorkerWatch watch;

  private Hosts(Cluster cluster, SharedStore shared, Consumer<String> lost) {
    this.cluster = cluster;
    this.shared = shared;
    watch = new WorkerWatch(cluster, shared.store(), loss -> lost.accept(loss.sentence()));
  }

  /**
   * Waits until the process of every host has come.
   *
   * @param task what this one is to run, in words; every host's has to be the same
   * @param said hears for whom it waits
   * @param lost hears which host is lost, and ends this process
   * @throws InvalidInput if one doesn't come, or is to run something else
   */
  static Hosts join(
      Cluster cluster,
      ClusterToken token,
      String task,
      Consumer<String> said,
      Consumer<String> lost)
      throws InterruptedException {
    Hosts hosts = new Hosts(cluster, SharedStore.open(cluster, token), lost);
    try {
      Gathering gathering = new Gathering(cluster, hosts.shared.store(), Gathering.PATIENCE, said);
      List<String> tasks = gathering.introduce(task);
      for (int host = 0; host < tasks.size(); host++) {
        if (tasks.get(host).equals(task)) continue;
        throw new InvalidInput(
            "%s runs %s and this process %s: start every host with the same bundle and flags"
                .formatted(cluster.name(host), tasks.get(host), task));
      }
      hosts.watch.start();
      return hosts;
    } catch (RuntimeException | InterruptedException e) {
      hosts.close();
      throw e;
    }
  }

  /** Which of them this is. */
  HostPlace place() {
    return new HostPlace(cluster.task(), cluster.size(), shared.store());
  }

  /** Ends in order: the first when the others have done so too. */
  void finish() {
    watch.finish();
  }

  /** Tells the others that this one fails. */
  void fail(String reason) {
    watch.fail(reason);
  }

  @Override
  public void close() {
    shared.close();
  }
}
