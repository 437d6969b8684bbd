package io.gemlab.graph.base.cluster;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Processes that take the steps of a run together, and which of them this one is.
 *
 * @param workers where each listens, in the order of their tasks
 * @param task this one's number, from 0
 */
public record Cluster(List<WorkerAddress> workers, int task) {
  public Cluster {
    workers = List.copyOf(workers);
    if (workers.size() < 2) {
      throw new InvalidInput(
          "--cluster has %d worker; give two or more, host:port,host:port, or leave it out"
              .formatted(workers.size()));
    }
    Set<WorkerAddress> once = new HashSet<>();
    for (WorkerAddress worker : workers) {
      if (once.add(worker)) continue;
      throw new InvalidInput(
          "--cluster has %s twice; give each worker a host and a port of its own"
              .formatted(worker));
    }
    if (task < 0 || task >= workers.size()) {
      throw new InvalidInput(
          "--task is %d and --cluster has %d workers; give a number from 0 to %d"
              .formatted(task, workers.size(), workers.size() - 1));
    }
    WorkerAddress first = workers.getFirst();
    if (once.contains(new WorkerAddress(first.host(), first.port() + 1))) {
      throw new InvalidInput(
          "--cluster has %s:%d, where worker 0 serves what all share, at its own port + 1; give another port"
              .formatted(first.host(), first.port() + 1));
    }
  }

  /**
   * What {@code --cluster} and {@code --task} say together; empty where neither is given.
   *
   * @throws InvalidInput if only one is, or there is no such cluster, or no such task of it
   */
  public static Optional<Cluster> ofFlags(Optional<String> cluster, Optional<Integer> task) {
    if (cluster.isPresent() != task.isPresent()) {
      throw new InvalidInput(
          "--cluster names the processes that run together, and --task which of them this is, from 0: give both or neither");
    }
    return cluster.map(text -> parse(text, task.get()));
  }

  /**
   * Reads {@code host:port,host:port}.
   *
   * @throws InvalidInput if there is no such cluster, or no such task of it
   */
  public static Cluster parse(String text, int task) {
    return new Cluster(Stream.of(text.split(",", -1)).map(WorkerAddress::parse).toList(), task);
  }

  /** How many there are. */
  public int size() {
    return workers.size();
  }

  /** Whether this is worker 0, which has the run's folder. */
  public boolean isChief() {
    return task == 0;
  }

  /** Where worker 0 serves the keys and values that all share: at its own port + 1. */
  InetSocketAddress store() {
    InetSocketAddress first = workers.getFirst().socket();
    return InetSocketAddress.createUnresolved(first.getHostString(), first.getPort() + 1);
  }

  /** What a worker is called in messages. */
  public String name(int worker) {
    return "worker %d of %d (%s)".formatted(worker, size(), workers.get(worker));
  }

  /**
   * Checks that this worker may listen at its port, since TensorFlow's server would log why not and
   * tell nobody.
   *
   * @throws InvalidInput if somebody does already
   */
  public void requireFreePort() {
    int port = workers.get(task).port();
    try (ServerSocket _ = new ServerSocket(port)) {
      // It is free.
    } catch (IOException e) {
      throw new InvalidInput(
          "port %d of --task %d can't be listened at (%s); end what has it, or give another in --cluster"
              .formatted(port, task, e.getMessage()),
          e);
    }
  }
}
