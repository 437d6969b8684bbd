package io.gemlab.experiments.cli.terminal;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** How far long work has come and how long the rest will take, on standard error. */
public final class Progress implements AutoCloseable {
  /** Without a terminal a line every so often is enough. */
  private static final int MILLIS_ON_TERMINAL = 250;

  private static final int MILLIS_ELSEWHERE = 15_000;

  private static final int WIDTH_ELSEWHERE = 120;

  private static final Set<Progress> SHOWN = ConcurrentHashMap.newKeySet();

  private final ProgressBar bar;
  private boolean closed;

  private Progress(ProgressBar bar) {
    this.bar = bar;
    SHOWN.add(this);
  }

  /**
   * @param what is counted, such as {@code steps}
   */
  public static Progress of(String what, long all) {
    boolean terminal = System.console() != null && System.console().isTerminal();
    return new Progress(
        new ProgressBarBuilder()
            .setTaskName(what)
            .setInitialMax(all)
            .setStyle(ProgressBarStyle.ASCII)
            .setConsumer(
                terminal
                    ? new ConsoleProgressBarConsumer(System.err, width())
                    : new DelegatingProgressBarConsumer(System.err::println, WIDTH_ELSEWHERE))
            .setUpdateIntervalMillis(terminal ? MILLIS_ON_TERMINAL : MILLIS_ELSEWHERE)
            .build());
  }

  /**
   * The terminal's, less a column for the cursor. Asked here, since the bar itself would open a
   * terminal whose Ctrl-C ends the process at once, before anything is saved.
   */
  private static int width() {
    try (Terminal terminal =
        TerminalBuilder.builder().provider("exec").nativeSignals(false).dumb(true).build()) {
      return terminal.getWidth() > 1 ? terminal.getWidth() - 1 : WIDTH_ELSEWHERE;
    } catch (IOException e) {
      return WIDTH_ELSEWHERE;
    }
  }

  public void at(long done) {
    bar.stepTo(done);
  }

  public void worked(long more) {
    bar.stepBy(more);
  }

  /** There is more to do, or less. */
  public void announced(long more) {
    bar.maxHint(bar.getMax() + more);
  }

  /** Says what is being done now. */
  public void now(String message) {
    bar.setExtraMessage(message);
  }

  /** Ends every bar that is shown: none writes behind what is said next. */
  static void closeAll() {
    SHOWN.forEach(Progress::close);
  }

  @Override
  public synchronized void close() {
    if (closed) return;
    closed = true;
    bar.close();
    SHOWN.remove(this);
  }
}
