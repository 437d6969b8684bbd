package io.gemlab.experiments.cli.option;

import io.gemlab.graph.base.cluster.Cluster;
import io.gemlab.graph.base.cluster.PublicAddresses;
import io.gemlab.graph.base.input.InvalidInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** The flags of a command that several processes run together. */
public final class ClusterOptions {
  /** Names the workers; those of this machine are started with it too. */
  public static final String CLUSTER = "--cluster";

  /** Which of them a process is. */
  public static final String TASK = "--task";

  /** Why the workers of this machine are started again. */
  public static final String RESTARTED = "--restarted";

  private static final String EVERYWHERE = "--listen-everywhere";

  @Option(
      names = CLUSTER,
      paramLabel = "HOST:PORT,HOST:PORT",
      description =
          "Train together with other processes, one at each address, all started with the same recipe"
              + " and the same GEMLAB_CLUSTER_TOKEN. Only worker 0 writes to --out; it also listens"
              + " at its port + 1.")
  private String cluster;

  @Option(
      names = TASK,
      paramLabel = "N",
      description = "Which of --cluster this process is, from 0.")
  private Integer task;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description =
          "Train with N processes on this machine, which share its cores. Where one dies, all start"
              + " again from the last checkpoint.")
  private Integer workers;

  @Option(
      names = EVERYWHERE,
      description =
          "With --cluster or --workers, start even where this host has an address that is not"
              + " private. TensorFlow's server listens on every interface, and whoever reaches it"
              + " can run code: close its port to others first.")
  private boolean everywhere;

  @Option(names = RESTARTED, hidden = true)
  private String restarted;

  /** How many processes to start; empty where this process trains itself. */
  public OptionalInt workers() {
    if (workers == null) return OptionalInt.empty();
    if (cluster != null || task != null) {
      throw new InvalidInput(
          "--workers starts processes on this machine, and --cluster and --task make this process one of a cluster; give one or the other");
    }
    if (workers < 2) {
      throw new InvalidInput("--workers is %d; give 2 or more, or leave it out".formatted(workers));
    }
    requirePrivate("--workers");
    return OptionalInt.of(workers);
  }

  /**
   * The cluster that this process belongs to; empty where it trains alone.
   *
   * @throws InvalidInput if there is no such cluster or task, or this host can be reached from
   *     outside and that wasn't allowed
   */
  public Optional<Cluster> cluster() {
    Optional<Cluster> parsed =
        Cluster.ofFlags(Optional.ofNullable(cluster), Optional.ofNullable(task));
    if (parsed.isPresent()) requirePrivate(CLUSTER);
    return parsed;
  }

  /**
   * Refuses where nothing is trained.
   *
   * @param flag that asks for something else
   */
  public void requireNone(String flag) {
    if (cluster == null && task == null && workers == null) return;
    throw new InvalidInput(
        "%s trains nothing; leave out --cluster, --task and --workers".formatted(flag));
  }

  /** Why the workers of this machine were started again. */
  public Optional<String> restarted() {
    return Optional.ofNullable(restarted);
  }

  /** What processes that are started by this one are given of these flags. */
  public List<String> passedOn() {
    List<String> flags = new ArrayList<>();
    if (everywhere) flags.add(EVERYWHERE);
    return flags;
  }

  private void requirePrivate(String flag) {
    List<String> open = PublicAddresses.ofThisHost();
    if (everywhere || open.isEmpty()) return;
    throw new InvalidInput(
        "%s starts TensorFlow's server, which listens on every interface of this host, %s among them, and lets in whoever comes; close its port to others and give --listen-everywhere"
            .formatted(flag, open.getFirst()));
  }
}
