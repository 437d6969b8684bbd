package io.gemlab.experiments;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The Python that slow tests compare with, which the environment names.
 *
 * @param command its executable
 */
public record Python(String command) {
  private static final String VARIABLE = "GEMLAB_PYTHON";

  /**
   * Skips the test where there is none, and says so.
   *
   * @param notProved what the test would have shown
   * @param packages that it needs
   */
  public static Python require(String notProved, String packages) {
    String command = System.getenv(VARIABLE);
    String skipped =
        "Not proved: %s. Set %s to a Python with %s.".formatted(notProved, VARIABLE, packages);
    if (command == null) System.out.println(skipped);
    assumeTrue(command != null, skipped);
    return new Python(command);
  }

  /**
   * Runs a script to its end, without a network.
   *
   * @return the last line that it prints
   */
  public String run(Path script, Path... arguments) throws IOException, InterruptedException {
    return run(script, Stream.of(arguments).map(Path::toString).toList());
  }

  /** The same with arguments that are not all files. */
  public String run(Path script, List<String> arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(command, script.toString()));
    line.addAll(arguments);
    Path errors = Files.createTempFile("gemlab-python", ".log");
    try {
      ProcessBuilder builder = new ProcessBuilder(line).redirectError(errors.toFile());
      builder.environment().put("HF_HUB_OFFLINE", "1");
      Process process = builder.start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertEquals(0, process.waitFor(), output + Files.readString(errors));
      return output.lines().reduce("", (_, last) -> last);
    } finally {
      Files.delete(errors);
    }
  }
}
