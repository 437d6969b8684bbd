package io.gemlab.graph.base.cluster;

import com.sun.management.OperatingSystemMXBean;
import io.gemlab.graph.base.keyvalue.KeyValueConnectionException;
import io.gemlab.graph.base.keyvalue.KeyValueStore;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Whether the workers of a cluster are still there. Each says so every second, on a thread of its
 * own, whatever its other threads are waiting for; worker 0 listens. Where one is silent for too
 * long, or says that it failed or hangs, worker 0 tells all the others. Where worker 0 is gone, its
 * store is gone, which every other sees.
 *
 * <p>That thread also sees whether its own process gets on, where that needs no other worker
 * ({@link #ownWork}). Silence can't be told from a broken network; nor can a process that stands
 * still elsewhere be told from one that waits for a slow worker, or a slow disk: neither is lost.
 */
public final class WorkerWatch {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** In the time after which a worker's silence is its loss. */
  private static final int BEATS_IN_PATIENCE = 20;

  /** How long worker 0 stays so that others hear what it said last. */
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private static final String BEATS = "watch/beat/";
  private static final String FAILED = "watch/failed/";
  private static final String LEFT = "watch/left/";
  private static final String LOST = "watch/lost";
  private static final String FINISHED = "watch/finished";
  private static final String NOTE = "watch/note";

  private final Cluster cluster;
  private final KeyValueStore store;
  private final LongSupplier processorTime;
  private final Duration patience;
  private final Duration beat;
  private final Consumer<Loss> lost;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("gemlab-watch").unstarted(this::watch);

  private final String[] beats;
  private final long[] heard;
  private long round = System.nanoTime();
  private OwnWork own = OwnWork.NONE;
  private long pieces;
  private volatile long piece;
  private volatile Runnable settling = () -> {};
  private volatile String note = "";

  /**
   * @param store that all workers share
   * @param lost is told once, on the watch's thread, which worker is lost; it ends this process,
   *     whose other threads may wait for that worker forever
   */
  public WorkerWatch(Cluster cluster, KeyValueStore store, Consumer<Loss> lost) {
    this(
        cluster,
        store,
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)::getProcessCpuTime,
        PATIENCE,
        lost);
  }

  /**
   * @param processorTime of this process until now, in ns
   */
  WorkerWatch(
      Cluster cluster,
      KeyValueStore store,
      LongSupplier processorTime,
      Duration patience,
      Consumer<Loss> lost) {
    this.cluster = cluster;
    this.store = store;
    this.processorTime = processorTime;
    this.patience = patience;
    beat = patience.dividedBy(BEATS_IN_PATIENCE);
    this.lost = lost;
    beats = new String[cluster.size()];
    heard = new long[cluster.size()];
  }

  /** Begins, once all workers have come. */
  public void start() {
    Arrays.fill(heard, System.nanoTime());
    thread.start();
  }

  /**
   * Of worker 0: what has to be complete before the others are told of a loss, such as a file that
   * is being written.
   */
  public void settleBeforeTelling(Runnable settling) {
    this.settling = settling;
  }

  /** Of worker 0: a sentence that every worker adds to a loss that it is told of. */
  public void note(String sentence) {
    note = sentence;
    put(NOTE, sentence);
  }

  /**
   * Does what takes processor time and needs no other worker. A process that uses none in it for as
   * long as its silence would be borne hangs, and is lost.
   *
   * @param work on the one thread that calls this
   */
  public <R> R ownWork(Supplier<R> work) {
    piece = ++pieces;
    try {
      return work.get();
    } finally {
      piece = 0;
    }
  }

  private void watch() {
    try {
      for (long count = 0; ; count++) {
        store.put(BEATS + cluster.task(), bytes(ProcessHandle.current().pid() + " " + count));
        own = own.after(piece, System.nanoTime(), processorTime.getAsLong(), patience);
        if (own.hangs(patience)) {
          hang();
          return;
        }
        Optional<String> sentence = cluster.isChief() ? judged() : told();
        if (sentence.isPresent()) {
          if (cluster.isChief()) tell(sentence.get());
          end(new Loss(sentence.get(), false));
          return;
        }
        Thread.sleep(beat);
      }
    } catch (KeyValueConnectionException gone) {
      end(new Loss(cluster.name(0) + " ended or can't be reached: " + gone.getMessage(), false));
    } catch (InterruptedException left) {
      // Nobody is to be told any more.
    }
  }

  private void hang() throws InterruptedException {
    String what =
        "hangs: it was at its own part of a step for %d s and used next to no processor time"
            .formatted(patience.toSeconds());
    say(what);
    end(new Loss(cluster.name(cluster.task()) + " " + what, true));
  }

  private void end(Loss loss) {
    lost.accept(note.isEmpty() ? loss : new Loss(loss.sentence() + "; " + note, loss.own()));
  }

  /** Who is lost, as worker 0 sees it; empty where nobody is. */
  private Optional<String> judged() throws InterruptedException {
    forgiveOwnSleep();
    List<String> silent = new ArrayList<>();
    for (int worker = 1; worker < cluster.size(); worker++) {
      Optional<String> latest = text(BEATS + worker);
      if (latest.isPresent() && !latest.get().equals(beats[worker])) {
        beats[worker] = latest.get();
        heard[worker] = System.nanoTime();
      }
      Optional<String> failure = text(FAILED + worker);
      if (failure.isPresent()) return Optional.of(called(worker) + " " + failure.get());
      if (isSilent(worker, patience) && text(LEFT + worker).isEmpty()) silent.add(called(worker));
    }
    return silent.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "not heard of for %d s: %s"
                .formatted(patience.toSeconds(), String.join(" and ", silent)));
  }

  private boolean isSilent(int worker, Duration howLong) {
    return System.nanoTime() - heard[worker] > howLong.toNanos();
  }

  /** While this process slept, as a whole, it heard nobody; that is nobody else's silence. */
  private void forgiveOwnSleep() {
    long now = System.nanoTime();
    if (now - round > patience.toNanos() / 2) Arrays.fill(heard, now);
    round = now;
  }

  private String called(int worker) {
    return beats[worker] == null
        ? cluster.name(worker)
        : cluster
            .name(worker)
            .replaceFirst("\\)$", ", process " + beats[worker].replaceFirst(" .*", ")"));
  }

  /** What worker 0 says. */
  private Optional<String> told() throws InterruptedException {
    text(NOTE).ifPresent(sentence -> note = sentence);
    Optional<String> sentence = text(LOST);
    if (sentence.isPresent()) store.put(LEFT + cluster.task(), new byte[0]);
    return sentence;
  }

  /** Tells the others what became of this process. */
  private void say(String what) throws InterruptedException {
    if (cluster.isChief()) tell(cluster.name(0) + " " + what);
    else store.put(FAILED + cluster.task(), bytes(what));
  }

  /** Tells the others, and stays until they know. */
  private void tell(String sentence) throws InterruptedException {
    settling.run();
    store.put(LOST, bytes(sentence));
    awaitOthers();
  }

  /** Waits a while for the others to leave, but for those that are lost. */
  private void awaitOthers() throws InterruptedException {
    long deadline = System.nanoTime() + FAREWELL.toNanos();
    for (int worker = 1; worker < cluster.size(); worker++) {
      if (isSilent(worker, patience.dividedBy(2)) || text(FAILED + worker).isPresent()) continue;
      while (text(LEFT + worker).isEmpty() && System.nanoTime() < deadline) Thread.sleep(50);
    }
  }

  /**
   * Waits, where a computation broke that several workers share, for what the watch has to say of
   * it; comes back if it has nothing to say.
   */
  public void awaitLoss() {
    try {
      thread.join(patience.plus(FAREWELL).plus(beat));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends the watch in order: worker 0 when all is done, the others when worker 0 says so, since
   * until then they may still be needed to say that it is lost.
   */
  public void finish() {
    try {
      if (cluster.isChief()) {
        put(FINISHED, "");
        leave();
        awaitOthers();
      } else {
        while (text(FINISHED).isEmpty()) Thread.sleep(200);
        leave();
        put(LEFT + cluster.task(), "");
      }
    } catch (KeyValueConnectionException gone) {
      awaitLoss();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends the watch since this process fails, which the others hear.
   *
   * @param reason why
   */
  public void fail(String reason) {
    leave();
    try {
      say("failed: " + reason);
    } catch (KeyValueConnectionException gone) {
      // Nobody is left to be told.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void leave() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void put(String key, String value) {
    try {
      store.put(key, bytes(value));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<String> text(String key) throws InterruptedException {
    return store.tryGet(key).map(value -> new String(value, StandardCharsets.UTF_8));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
