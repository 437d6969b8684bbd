package io.gemlab.experiments.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.record.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of texts as Linux has them in /proc. */
class ProcessorWatchTest {
  @TempDir Path proc;

  @BeforeEach
  void begins() throws IOException {
    write("loadavg", "6.27 6.83 8.35 7/286 11402\n");
    status("0-1", 100, 10);
    stat("cpu0 1000 500 100 2000 5 1 2 0 0 0", "cpu1 900 600 100 2000 5 1 2 0 0 0");
    own(300, 40);
  }

  private void write(String file, String text) throws IOException {
    Path path = proc.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void stat(String... cores) throws IOException {
    write("stat", "cpu  9 9 9 9 9 9 9 9 9 9\n" + String.join("\n", cores) + "\nintr 1 2\nctxt 3\n");
  }

  private void own(long user, long system) throws IOException {
    write(
        "self/stat",
        "77 (a) name) R 1 1 1 0 -1 4194304 101 0 0 0 " + user + " " + system + " 0 0 20 0 1 0\n");
  }

  private void status(String cores, long voluntary, long involuntary) throws IOException {
    write("self/status", "Name:\tjava\nCpus_allowed_list:\t" + cores + "\n");
    write(
        "self/task/77/status",
        "voluntary_ctxt_switches:\t"
            + voluntary
            + "\nnonvoluntary_ctxt_switches:\t"
            + involuntary
            + "\n");
  }

  private static Turn end(ProcessorWatch watch) {
    Turn.Builder turn = Turn.newBuilder();
    watch.end(turn);
    return turn.build();
  }

  /** 200 ticks went by on two cores; 192 were busy, of which 100 were ours. */
  @Test
  void othersAreWhatWasBusyBesidesUs() throws IOException {
    ProcessorWatch watch = new ProcessorWatch(proc);
    stat("cpu0 1060 530 110 2000 5 1 2 0 0 0", "cpu1 950 630 112 2008 5 1 2 0 0 0");
    own(390, 50);
    status("0-1", 130, 25);
    Turn turn = end(watch);
    assertEquals((192 - 100) / 200.0, turn.getOthers(), 1e-9);
    assertEquals(0, turn.getStolen());
    assertTrue(turn.getDisturbed());
    assertEquals(6.27, turn.getLoadBefore());
    assertEquals(30, turn.getVoluntarySwitches());
    assertEquals(15, turn.getInvoluntarySwitches());
  }

  @Test
  void aloneItIsNotDisturbedByRounding() throws IOException {
    ProcessorWatch watch = new ProcessorWatch(proc);
    stat("cpu0 1025 510 105 2000 5 1 2 0 0 0", "cpu1 930 605 105 2000 5 1 2 0 0 0");
    own(368, 48);
    Turn turn = end(watch);
    assertEquals(4 / 80.0, turn.getOthers(), 1e-9);
    assertFalse(turn.getDisturbed());
  }

  @Test
  void whatTheHostWithholdsDisturbs() throws IOException {
    ProcessorWatch watch = new ProcessorWatch(proc);
    stat("cpu0 1090 500 100 2000 5 1 2 10 0 0", "cpu1 990 600 100 2000 5 1 2 10 0 0");
    own(480, 40);
    Turn turn = end(watch);
    assertEquals(20 / 200.0, turn.getStolen(), 1e-9);
    assertEquals(0, turn.getOthers());
    assertTrue(turn.getDisturbed());
  }

  /** What runs where this process may not does not disturb it. */
  @Test
  void onlyCoresThatTheProcessMayUseCount() throws IOException {
    status("1", 0, 0);
    ProcessorWatch watch = new ProcessorWatch(proc);
    stat("cpu0 1100 500 100 2000 5 1 2 0 0 0", "cpu1 1000 600 100 2000 5 1 2 0 0 0");
    own(400, 40);
    Turn turn = end(watch);
    assertEquals(0, turn.getOthers());
    assertFalse(turn.getDisturbed());
  }

  @Test
  void whatIsNotThereIsNotClaimed() throws IOException {
    for (String file : new String[] {"stat", "loadavg", "self/task/77/status"}) {
      Files.delete(proc.resolve(file));
    }
    assertEquals(Turn.getDefaultInstance(), end(new ProcessorWatch(proc)));
  }

  /** Of this machine it can tell something, whatever its load. */
  @Test
  void readsThisMachine() throws InterruptedException {
    if (!Files.exists(ProcessorWatch.PROC.resolve("stat"))) return;
    ProcessorWatch watch = new ProcessorWatch(ProcessorWatch.PROC);
    Thread.sleep(300);
    Turn turn = end(watch);
    assertTrue(turn.hasOthers() && turn.getOthers() <= 1.1, turn::toString);
    assertTrue(turn.hasLoadBefore() && turn.hasVoluntarySwitches(), turn::toString);
  }
}
