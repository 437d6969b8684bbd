package io.gemlab.tpu.pjrt;

import io.gemlab.graph.base.process.ProcessEnvironment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Whether this machine has TPU devices, and what libtpu has to be told where it has none.
 *
 * <p>The drivers of older chips make {@code /dev/accel0} and so on; newer chips are bound to VFIO,
 * whose groups are {@code /dev/vfio/0} and so on. ({@code /dev/vfio/vfio} alone is no device.)
 */
public final class TpuDevices {
  private static final Pattern ACCEL = Pattern.compile("accel\\d+");
  private static final Pattern VFIO_GROUP = Pattern.compile("\\d+");

  /**
   * Without the first, loading libtpu waits minutes for a metadata server; without the second, a
   * second process can't load it; without the third, it writes log files.
   */
  private static final Map<String, String> WITHOUT_DEVICES =
      Map.of(
          "TPU_SKIP_MDS_QUERY", "1",
          "ALLOW_MULTIPLE_LIBTPU_LOAD", "1",
          "TPU_LOG_DIR", "disabled");

  private TpuDevices() {}

  /** Whether this machine has any. */
  public static boolean attached() {
    return attached(Path.of("/dev"));
  }

  static boolean attached(Path dev) {
    return any(dev, ACCEL) || any(dev.resolve("vfio"), VFIO_GROUP);
  }

  /**
   * Sets what libtpu reads while it loads, where no device is attached. What the user has set stays
   * as it is. Other plugins don't read these.
   */
  static void prepareEnvironment() {
    if (attached()) return;
    WITHOUT_DEVICES.forEach(
        (name, value) -> {
          if (System.getenv(name) == null) ProcessEnvironment.set(name, value);
        });
  }

  private static boolean any(Path folder, Pattern name) {
    if (!Files.isDirectory(folder)) return false;
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> name.matcher(file.getFileName().toString()).matches());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
