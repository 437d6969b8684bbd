package io.gemlab.graph.base.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Memory of this process as Linux counts it, in bytes; empty where the system does not tell.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/proc.html">proc(5), status</a>
 */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR_REFS = Path.of("/proc/self/clear_refs");
  private static final String RESET_PEAK = "5";

  private ProcessMemory() {}

  /** Resident now. */
  public static OptionalLong resident() {
    return field("VmRSS:");
  }

  /** Resident at most, since the process began or since {@link #resetPeak}. */
  public static OptionalLong peak() {
    return field("VmHWM:");
  }

  /** Resident now and of no file: what the process asked for. */
  public static OptionalLong anonymous() {
    return field("RssAnon:");
  }

  /** Resident now and of mapped files, which the system may drop and read again. */
  public static OptionalLong mapped() {
    return field("RssFile:");
  }

  /** Lets the peak begin anew from what is resident now, where the system allows it. */
  public static void resetPeak() {
    try {
      Files.writeString(CLEAR_REFS, RESET_PEAK);
    } catch (IOException e) {
      // Then the peak is that of the whole process, an upper bound.
    }
  }

  private static OptionalLong field(String name) {
    return field(STATUS, name);
  }

  /**
   * A line of one of Linux's files on memory, such as {@code MemAvailable: 123 kB}, in bytes.
   *
   * @param name with which the line begins
   */
  static OptionalLong field(Path file, String name) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) << 10)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
