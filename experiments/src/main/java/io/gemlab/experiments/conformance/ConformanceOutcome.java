package io.gemlab.experiments.conformance;

import io.gemlab.experiments.run.ReportWriter;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What all probes showed.
 *
 * @param asked what ran
 * @param expectations one a probe
 * @param findings one a probe, configuration and cache mode
 */
public record ConformanceOutcome(
    Conformance asked, List<Expectation> expectations, List<Finding> findings) {
  public ConformanceOutcome {
    expectations = List.copyOf(expectations);
    findings = List.copyOf(findings);
  }

  /** What is wrong. */
  public List<Finding> wrong() {
    return findings.stream().filter(Finding::isWrong).toList();
  }

  /** The findings of a configuration and cache mode, one a probe. */
  public List<Finding> of(Configuration configuration, CacheMode cache) {
    return findings.stream()
        .filter(each -> each.configuration().equals(configuration) && each.cache() == cache)
        .toList();
  }

  /** Why kernels computed nothing where they could have. */
  public List<String> withoutKernels() {
    return findings.stream()
        .flatMap(each -> each.kernels().stream())
        .flatMap(use -> use.refusal().stream())
        .map(refusal -> refusal.reason() + "; " + refusal.remedy())
        .distinct()
        .toList();
  }

  /** Writes the report. */
  public ReportWriter.Written write(Path folder, Provenance provenance) throws IOException {
    return ReportWriter.write(folder, ConformanceReport.of(this, provenance));
  }
}
