package io.gemlab.experiments.cli.terminal;

import java.io.IOException;
import java.util.Optional;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** A terminal, with editing, earlier lines, and text of several lines pasted as one message. */
final class TerminalKeyboard implements Keyboard {
  /** JLine's way to a terminal that needs no library of its own: the program stty. */
  private static final String STTY = "exec";

  private final Terminal terminal;
  private final LineReader reader;
  private final String prompt;

  TerminalKeyboard(String prompt) throws IOException {
    this.prompt = prompt;
    this.terminal = TerminalBuilder.builder().system(true).provider(STTY).build();
    this.reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true) // "!" is only a character
            .build();
  }

  @Override
  public Optional<String> line() {
    try {
      return Optional.of(reader.readLine(prompt));
    } catch (EndOfFileException | UserInterruptException e) {
      return Optional.empty();
    }
  }

  @Override
  public void onInterrupt(Runnable handler) {
    terminal.handle(Terminal.Signal.INT, _ -> handler.run());
  }

  @Override
  public void close() throws IOException {
    terminal.close();
  }
}
