package io.gemlab.graph.base.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.keyvalue.InMemoryKeyValueStore;
import io.gemlab.graph.base.keyvalue.KeyValueStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers that watch each other, all in this process. */
final class WorkerWatchTest {
  private static final String ADDRESSES = "a:1,b:2,c:4";
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final KeyValueStore store = new InMemoryKeyValueStore();

  /** A worker, and what it is told. */
  private record Watched(WorkerWatch watch, CompletableFuture<Loss> told) {
    String lost() throws Exception {
      return told.get(20, TimeUnit.SECONDS).sentence();
    }
  }

  private Watched worker(int task) {
    CompletableFuture<Loss> told = new CompletableFuture<>();
    WorkerWatch watch =
        new WorkerWatch(Cluster.parse(ADDRESSES, task), store, () -> 0, PATIENCE, told::complete);
    return new Watched(watch, told);
  }

  private List<Watched> workers(int... tasks) {
    List<Watched> all = new ArrayList<>();
    for (int task : tasks) all.add(worker(task));
    all.forEach(one -> one.watch().start());
    return all;
  }

  @Test
  void oneThatIsSilentIsNamedByEveryOther() throws Exception {
    List<Watched> there = workers(0, 1);
    there.getFirst().watch().note("the last checkpoint is step-4");
    for (Watched one : there) {
      assertEquals(
          "not heard of for 2 s: worker 2 of 3 (c:4); the last checkpoint is step-4", one.lost());
    }
  }

  @Test
  void oneThatFailsSaysWhyAndWhatIsBeingWrittenIsFinishedFirst() throws Exception {
    List<Watched> all = workers(0, 1, 2);
    all.getFirst()
        .watch()
        .settleBeforeTelling(() -> all.getFirst().watch().note("step-5 is whole"));
    all.get(2).watch().fail("the disk is full");
    for (Watched one : all.subList(0, 2)) {
      String lost = one.lost();
      assertTrue(
          lost.matches(
              "worker 2 of 3 \\(c:4, process \\d+\\) failed: the disk is full; step-5 is whole"),
          lost);
    }
  }

  @Test
  void whenWorker0FailsTheOthersHearWhy() throws Exception {
    List<Watched> all = workers(0, 1, 2);
    all.getFirst().watch().fail("out of memory");
    assertEquals("worker 0 of 3 (a:1) failed: out of memory", all.get(1).lost());
    assertEquals("worker 0 of 3 (a:1) failed: out of memory", all.get(2).lost());
  }

  /** Its watch goes on, and uses no processor time. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void oneThatHangsTellsItOfItself(int hanging) throws Exception {
    List<Watched> all = workers(0, 1, 2);
    CountDownLatch end = new CountDownLatch(1);
    Thread reading =
        Thread.ofPlatform().start(() -> all.get(hanging).watch().ownWork(() -> await(end)));
    for (Watched one : all) {
      String lost = one.lost();
      assertTrue(
          lost.matches(
              "worker %d of 3 \\(.:\\d(, process \\d+)?\\) hangs: it was at its own part of a step for 2 s and used next to no processor time"
                  .formatted(hanging)),
          lost);
      assertEquals(one == all.get(hanging), one.told().join().own());
    }
    end.countDown();
    reading.join();
  }

  private static boolean await(CountDownLatch end) {
    try {
      return end.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The others wait for worker 0, whose last checkpoint takes longer than silence may. */
  @Test
  void whoIsDoneIsNotMissed() throws Exception {
    List<Watched> all = workers(0, 1, 2);
    List<Thread> finishing =
        all.subList(1, 3).stream()
            .map(one -> Thread.ofPlatform().start(() -> one.watch().finish()))
            .toList();
    Thread.sleep(2 * PATIENCE.toMillis());
    all.getFirst().watch().finish();
    for (Thread one : finishing) one.join();
    for (Watched one : all) assertTrue(!one.told().isDone(), () -> one.told().join().sentence());
  }
}
