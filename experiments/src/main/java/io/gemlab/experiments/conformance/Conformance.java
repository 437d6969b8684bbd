package io.gemlab.experiments.conformance;

import io.gemlab.graph.base.files.TemporaryFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Probes, each in every configuration and cache mode.
 *
 * @param probes which
 * @param configurations how they run
 */
public record Conformance(List<Probe> probes, List<Configuration> configurations) {
  public Conformance {
    probes = List.copyOf(probes);
    configurations = List.copyOf(configurations);
  }

  /** How many steps {@link #run} tells of. */
  public int steps() {
    return probes.size() * configurations.size();
  }

  /**
   * Runs them.
   *
   * @param progress hears what is done next
   */
  public ConformanceOutcome run(Consumer<String> progress) throws IOException {
    List<Expectation> expectations = probes.stream().map(Expectation::of).toList();
    List<Finding> findings = new ArrayList<>();
    try (TemporaryFolder folder = TemporaryFolder.create("gemlab-conformance")) {
      for (Expectation expectation : expectations) {
        VectorFiles files = VectorFiles.write(folder.path(), expectation);
        for (Configuration configuration : configurations) {
          progress.accept(expectation.probe().label() + " on the " + configuration.label());
          findings.addAll(new ProbeRun(expectation, files, configuration).run());
        }
      }
    }
    return new ConformanceOutcome(this, expectations, findings);
  }
}
