package io.gemlab.experiments;

import io.gemlab.reports.record.Library;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.Provenances;
import io.gemlab.reports.record.RunContext;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.tensorflow.TensorFlow;

/** Where the numbers of this process come from. */
public final class Origin {
  private Origin() {}

  /**
   * Versions, machine and settings, as they are now.
   *
   * @param arguments the command line behind {@code ./gemlab}, which repeats the run
   */
  public static Provenance of(List<String> arguments) {
    // The launcher says where Gemlab's checkout is; without it, the folder Java was started in.
    Path checkout = Path.of(System.getenv().getOrDefault("GEMLAB_HOME", "."));
    return Provenances.collect(
        new RunContext(
            About.VERSION,
            checkout,
            Stream.concat(Stream.of("./gemlab"), arguments.stream()).toList(),
            List.of(
                library("TensorFlow", TensorFlow.version()),
                library("TensorFlow Java", About.library("tensorflow-java")),
                library("Tribuo", About.library("tribuo")))));
  }

  private static Library library(String name, String version) {
    return Library.newBuilder().setName(name).setVersion(version).build();
  }
}
