package io.gemlab.experiments.cli.terminal;

import java.io.IOException;
import java.util.Optional;

/** Where the lines of a dialogue come from, and Ctrl-C. */
public interface Keyboard extends AutoCloseable {

  /** The terminal's, or else lines from a pipe or a file. */
  static Keyboard open(String prompt) throws IOException {
    return System.console() != null && System.console().isTerminal()
        ? new TerminalKeyboard(prompt)
        : new PipedKeyboard();
  }

  /** Waits for a line. Empty where there are no more, or Ctrl-C came instead of one. */
  Optional<String> line() throws IOException;

  /** What Ctrl-C does while no line is waited for. */
  void onInterrupt(Runnable handler);

  @Override
  void close() throws IOException;
}
