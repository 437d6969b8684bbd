package io.gemlab.experiments.doctor;

import io.gemlab.experiments.run.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Disk for the home folder, where Maven's repository and TensorFlow's unpacked library lie. */
final class DiskCheck {
  private static final String SUBJECT = "disk";

  /** Both take 1 GB, and are there already where this runs; a build needs some room to turn. */
  private static final long LEAST = 1L << 30;

  private DiskCheck() {}

  static Check examine() {
    Path home = Path.of(System.getProperty("user.home"));
    try {
      return of(home, Files.getFileStore(home).getUsableSpace());
    } catch (IOException e) {
      throw new UncheckedIOException("asking for the space of " + home, e);
    }
  }

  static Check of(Path home, long usable) {
    List<String> found = List.of(Bytes.text(usable) + " to use in " + home);
    return usable >= LEAST
        ? Check.ok(SUBJECT, found)
        : Check.missing(
            SUBJECT,
            found,
            "free "
                + Bytes.text(LEAST)
                + ", or move ~/.m2 and ~/.javacpp to a larger disk and link them");
  }
}
