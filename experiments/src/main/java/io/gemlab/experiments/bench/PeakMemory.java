package io.gemlab.experiments.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The most memory that this process had resident: Linux's {@code VmHWM}. */
final class PeakMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");
  private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");

  private PeakMemory() {}

  /**
   * Lets the peak begin anew at what is resident now.
   *
   * @return whether the system let it
   */
  static boolean reset() {
    try {
      Files.writeString(CLEAR, "5"); // proc(5): resets VmHWM
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Bytes since the last {@link #reset}; empty where the system does not tell. */
  static OptionalLong bytes() {
    try {
      return parse(Files.readString(STATUS));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  static OptionalLong parse(String status) {
    Matcher peak = PEAK.matcher(status);
    return peak.find()
        ? OptionalLong.of(Long.parseLong(peak.group(1)) * 1024)
        : OptionalLong.empty();
  }
}
