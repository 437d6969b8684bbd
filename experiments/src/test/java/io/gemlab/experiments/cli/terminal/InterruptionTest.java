package io.gemlab.experiments.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.process.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a process does that is told to end: a signal is sent to one of its own. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(60)
class InterruptionTest {
  private static final int SIGTERM = 128 + 15;

  @TempDir Path folder;

  @Test
  void whereNothingWouldBeLostTheProcessEndsAtOnce() throws Exception {
    assertEquals(List.of("ready", "farewell"), signalled(Work.IDLE));
  }

  @Test
  void workThatIsNotOnDiskIsSavedFirst() throws Exception {
    assertEquals(List.of("ready", "saving", "saved", "farewell"), signalled(Work.UNSAVED));
  }

  @Test
  void workThatIsSavedAgainHoldsNothingUp() throws Exception {
    assertEquals(List.of("ready", "farewell"), signalled(Work.SAVED_AGAIN));
  }

  @Test
  void afterTheWorkNothingIsSaid() throws Exception {
    assertEquals(List.of("ready"), signalled(Work.DONE));
  }

  @Test
  void theFarewellComesBehindTheBar() throws Exception {
    assertEquals(List.of("ready", "farewell"), signalled(Work.SHOWN));
    List<String> lines = Files.readAllLines(log(Work.SHOWN));
    assertTrue(lines.stream().anyMatch(line -> line.startsWith("bar")), lines.toString());
    assertEquals("farewell", lines.getLast());
  }

  private Path log(Work work) {
    return folder.resolve(work + ".log");
  }

  /** What the process printed that was told to end at {@code ready}. */
  private List<String> signalled(Work work) throws Exception {
    Path log = log(work);
    Process process =
        JavaProcess.of(Child.class, List.of("-XX:TieredStopAtLevel=1"), List.of(work.name()), log)
            .start();
    try {
      while (!printed(log).contains("ready")) {
        assertTrue(process.isAlive(), () -> "ended early: " + printed(log));
        Thread.sleep(20);
      }
      process.destroy();
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), "does not end");
      assertEquals(SIGTERM, process.exitValue());
      return printed(log);
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> printed(Path log) {
    try {
      return Files.readAllLines(log).stream().filter(line -> line.matches("[a-z]+")).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** What the process is at when the signal comes. */
  private enum Work {
    IDLE,
    UNSAVED,
    SAVED_AGAIN,
    SHOWN,
    DONE
  }

  /** A process with something to lose, or nothing. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws InterruptedException {
      Work work = Work.valueOf(arguments[0]);
      CountDownLatch left = new CountDownLatch(work == Work.SHOWN ? 1 : 0);
      Interruption interruption = new Interruption(() -> sayFarewell(left));
      interruption.unsaved(work == Work.UNSAVED || work == Work.SAVED_AGAIN);
      if (work == Work.SAVED_AGAIN) interruption.unsaved(false);
      if (work == Work.DONE) interruption.close();
      Progress bar = work == Work.SHOWN ? Progress.of("bar", 1) : null;
      System.out.println("ready");
      if (bar != null) {
        while (!interruption.requested()) Thread.sleep(5);
        Thread.sleep(100); // the farewell is said by now
        bar.close();
        left.countDown();
      }
      if (work != Work.UNSAVED) Thread.sleep(60_000);
      while (!interruption.requested()) Thread.sleep(5);
      System.out.println("saving");
      Thread.sleep(100);
      System.out.println("saved");
      interruption.sayFarewell();
      interruption.sayFarewell();
      interruption.close();
    }

    /** The process lives until the work has left its bar. */
    private static void sayFarewell(CountDownLatch left) {
      System.out.println("farewell");
      try {
        left.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
