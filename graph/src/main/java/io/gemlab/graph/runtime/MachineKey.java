package io.gemlab.graph.runtime;

import io.gemlab.graph.base.files.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A name for all that what is kept of TensorFlow depends on: its version, the processor and how
 * many of its cores there are for us.
 */
public final class MachineKey {
  private static final String TENSORFLOW =
      "/META-INF/maven/org.tensorflow/tensorflow-core-native/pom.properties";
  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

  private MachineKey() {}

  /** Fit for a file; empty where the processor is not told. */
  public static Optional<String> find() {
    try (InputStream properties = MachineKey.class.getResourceAsStream(TENSORFLOW);
        Stream<String> processor = Files.lines(PROCESSOR)) {
      if (properties == null) return Optional.empty();
      Properties tensorflow = new Properties();
      tensorflow.load(properties);
      String machine =
          processor
              .filter(line -> line.matches("(vendor_id|cpu family|model|model name|flags)\\s*:.*"))
              .distinct()
              .collect(Collectors.joining("\n"));
      int cores = Runtime.getRuntime().availableProcessors();
      String hash = Sha256.of(machine + "\n" + cores).substring(0, 16);
      return Optional.of(tensorflow.getProperty("version") + "-" + hash);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
