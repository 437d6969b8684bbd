package io.gemlab.reports.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ShellCommandTest {
  private static final Path HERE = Path.of(".");

  @Test
  void whatIsQuotedTheShellReadsBack() {
    List<String> arguments = List.of("plain-1.0", "two words", "it's", "$HOME", "", "a\"b;rm *");
    String command = "printf '%s\\n' " + ShellCommand.quoted(arguments);
    assertEquals(
        Optional.of(String.join("\n", arguments)),
        ShellCommand.output(HERE, List.of("sh", "-c", command)));
  }

  @Test
  void failuresHaveNoOutput() {
    assertEquals(Optional.empty(), ShellCommand.output(HERE, List.of("sh", "-c", "echo x; false")));
    assertEquals(Optional.empty(), ShellCommand.output(HERE, List.of("no-such-command-anywhere")));
  }
}
