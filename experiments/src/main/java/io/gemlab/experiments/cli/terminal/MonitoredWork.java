package io.gemlab.experiments.cli.terminal;

import io.gemlab.experiments.run.RunMonitor;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Long work that shows a progress bar, stops where somebody interrupts it, and says at its end what
 * the user should know.
 *
 * @param name of the work, before the bar
 * @param units of all of it
 * @param interruption asks for it to stop
 * @param errors where it says what there is to say
 */
public record MonitoredWork(
    String name, long units, Interruption interruption, PrintWriter errors) {
  /** The exit code of a command that was interrupted. */
  public static final int INTERRUPTED = 130;

  /** Work that a monitor hears of. */
  @FunctionalInterface
  public interface Work<R> {
    R run(RunMonitor monitor) throws IOException;
  }

  /**
   * Does it.
   *
   * @throws RunMonitor.Stopped if it was interrupted
   */
  public <R> R run(Work<R> work) throws IOException {
    List<String> said = new ArrayList<>();
    try (Progress progress = Progress.of(name, units)) {
      return work.run(new Monitor(progress, interruption, said));
    } catch (RunMonitor.Stopped stopped) {
      // Said here, since the process may end as soon as the interruption is closed.
      interruption.sayFarewell();
      throw stopped;
    } finally {
      // Not before, since the bar would be written over it.
      said.forEach(line -> errors.println("gemlab: " + line));
    }
  }

  /** Progress in, interruption out. */
  private record Monitor(Progress progress, Interruption interruption, List<String> lines)
      implements RunMonitor {
    @Override
    public void worked(long more) {
      progress.worked(more);
      interruption.unsaved(more > 0);
    }

    @Override
    public void announced(long more) {
      progress.announced(more);
    }

    @Override
    public void now(String what) {
      progress.now(what);
      interruption.unsaved(false); // what came before is recorded
    }

    @Override
    public void stands(String numbers) {
      progress.now(numbers);
    }

    @Override
    public void said(String line) {
      lines.add(line);
    }

    @Override
    public void check() {
      if (interruption.requested()) throw new Stopped();
    }
  }
}
