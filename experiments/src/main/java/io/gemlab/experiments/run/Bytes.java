package io.gemlab.experiments.run;

import java.util.Locale;

/** Numbers of bytes for people. */
public final class Bytes {
  private static final long GIB = 1 << 30;

  private Bytes() {}

  /** GiB, or MiB where it is few. */
  public static String text(long bytes) {
    if (bytes < GIB / 10) return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    return String.format(Locale.ROOT, "%.2f GiB", bytes / (double) GIB);
  }
}
