package io.gemlab.experiments.doctor;

import java.util.List;

/** The JDK: 25 or newer, since PJRT and files over 2 GB need its foreign functions and memory. */
final class JavaCheck {
  private static final int LEAST = 25;

  private JavaCheck() {}

  static Check examine() {
    return of(Runtime.version(), System.getProperty("java.vendor", "unknown vendor"));
  }

  static Check of(Runtime.Version version, String vendor) {
    List<String> found = List.of(version + ", " + vendor);
    return version.feature() >= LEAST
        ? Check.ok("JDK", found)
        : Check.missing(
            "JDK", found, "install JDK " + LEAST + " or newer, any vendor; ./gemlab finds it");
  }
}
