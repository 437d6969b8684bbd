package io.gemlab.tpu.bundle;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Writes the golden bundles to the folder of {@code -Dgemlab.test.bundles}, for a machine that has
 * a device and neither Java nor TensorFlow: there {@code check_bundles.py} of the test resources
 * runs and checks them.
 */
@Tag("gpu")
class GoldenBundlesTest {
  @Test
  void writesWhatIsCheckedOnTheDevice() throws IOException {
    GoldenBundles.writeAll(Path.of(System.getProperty("gemlab.test.bundles")));
  }
}
