package io.gemlab.graph.base.cluster;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.keyvalue.KeyValueStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * The moment at which the workers of a cluster have all come: each introduces itself, and waits for
 * the others.
 *
 * @param store that they share
 * @param patience how long to wait for the last of them
 * @param said hears, every now and then, for whom it waits
 */
public record Gathering(
    Cluster cluster, KeyValueStore store, Duration patience, Consumer<String> said) {
  /** How long workers, which start in any order, usually wait for the last of them. */
  public static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final String HELLO = "hello/";
  private static final String MET = "met/";
  private static final Duration BETWEEN_WORDS = Duration.ofSeconds(15);

  /**
   * Waits for all.
   *
   * @param introduction what this worker says of itself
   * @return what each says of itself, in the order of their tasks
   * @throws InvalidInput that names the first that didn't come in time
   */
  public List<String> introduce(String introduction) throws InterruptedException {
    store.put(HELLO + cluster.task(), introduction.getBytes(StandardCharsets.UTF_8));
    long deadline = System.nanoTime() + patience.toNanos();
    List<String> all = new ArrayList<>();
    for (int worker = 0; worker < cluster.size(); worker++) all.add(wait(worker, deadline));
    store.put(MET + cluster.task(), new byte[0]);
    if (cluster.isChief()) awaitOthers();
    return all;
  }

  /** Worker 0 may end by what it has heard, and the others still have to hear it. */
  private void awaitOthers() throws InterruptedException {
    for (int worker = 1; worker < cluster.size(); worker++) {
      try {
        store.get(MET + worker, BETWEEN_WORDS);
      } catch (TimeoutException e) {
        return; // The watch will tell who is gone.
      }
    }
  }

  private String wait(int worker, long deadline) throws InterruptedException {
    while (true) {
      long left = Math.max(0, deadline - System.nanoTime());
      Duration turn = Duration.ofNanos(Math.min(left, BETWEEN_WORDS.toNanos()));
      try {
        return new String(store.get(HELLO + worker, turn), StandardCharsets.UTF_8);
      } catch (TimeoutException e) {
        if (left == 0) {
          throw new InvalidInput(
              "%s didn't come within %d s; start it with the same --cluster"
                  .formatted(cluster.name(worker), patience.toSeconds()));
        }
        said.accept("waiting for " + cluster.name(worker));
      }
    }
  }
}
