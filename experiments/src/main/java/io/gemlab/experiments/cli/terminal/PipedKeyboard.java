package io.gemlab.experiments.cli.terminal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jline.utils.Signals;

/** Lines of standard input, UTF-8, where it is no terminal. */
final class PipedKeyboard implements Keyboard {
  private static final String INTERRUPT = "INT";

  private final BufferedReader lines =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  private volatile boolean waiting;

  @Override
  public Optional<String> line() throws IOException {
    waiting = true;
    try {
      return Optional.ofNullable(lines.readLine());
    } finally {
      waiting = false;
    }
  }

  /** A read of a pipe can't be interrupted, so Ctrl-C ends the process there. */
  @Override
  public void onInterrupt(Runnable handler) {
    Signals.register(
        INTERRUPT,
        () -> {
          if (waiting) System.exit(0);
          handler.run();
        });
  }

  @Override
  public void close() {
    Signals.registerDefault(INTERRUPT);
  }
}
