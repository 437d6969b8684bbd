package io.gemlab.reports.record;

import java.nio.file.Path;
import java.util.List;

/**
 * What the machine can't tell about a run, and the caller can.
 *
 * @param gemlabVersion version of Gemlab, such as {@code 0.1.0}
 * @param checkout the folder of Gemlab's own checkout, where git is asked for the commit; any other
 *     folder gives the commit "unknown"
 * @param commandLine the command that repeats the run, one argument an element, unquoted
 * @param libraries what the run is built on, such as TensorFlow and XLA, with their versions
 */
public record RunContext(
    String gemlabVersion, Path checkout, List<String> commandLine, List<Library> libraries) {
  public RunContext {
    commandLine = List.copyOf(commandLine);
    libraries = List.copyOf(libraries);
    if (commandLine.isEmpty()) {
      throw new IllegalArgumentException("commandLine is empty; say how to repeat the run");
    }
  }
}
