package io.gemlab.experiments.doctor;

import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.runtime.NativeRuntime;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** XLA: whether the clustered path has programs compiled, and the fused path the whole function. */
final class XlaCheck {
  private static final String SUBJECT = "XLA";

  private XlaCheck() {}

  static Check examine() {
    return Check.trying(SUBJECT, XlaCheck::run, TensorFlowCheck.REMEDY);
  }

  private static Check run() {
    return of(
        Probe.report(new ClusteredPath()),
        Probe.report(new FusedPath()),
        NativeRuntime.programCache());
  }

  /**
   * @param cache where programs are kept
   */
  static Check of(ExecutionReport clustered, ExecutionReport fused, Optional<Path> cache) {
    List<String> found =
        List.of(
            "clustered path: %d of %d nodes executed one by one, XLA programs: %d"
                .formatted(clustered.executed(), clustered.nodes(), clustered.xlaClusters()),
            "fused path: %d of %d nodes executed one by one, XLA programs: %d"
                .formatted(fused.executed(), fused.nodes(), fused.xlaClusters()),
            cache
                .map(
                    folder ->
                        "compiled programs are kept in %s, to be deleted at any time"
                            .formatted(folder))
                .orElse("compiled programs are not kept for other processes"));
    boolean whole = fused.xlaClusters() == 1 && fused.executed() == 1;
    if (clustered.xlaUsed() && whole) return Check.ok(SUBJECT, found);
    return Check.limited(
        SUBJECT,
        found,
        "unset TF_XLA_FLAGS and XLA_FLAGS; without XLA use --path eager or --path graph");
  }
}
