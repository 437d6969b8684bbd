package io.gemlab.experiments.doctor;

import io.gemlab.experiments.BuildInfo;
import io.gemlab.graph.path.Profile;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.path.session.GraphPath;
import java.util.List;
import org.tensorflow.TensorFlow;

/** TensorFlow: whether it loads, and whether oneDNN multiplies its matrices. */
final class TensorFlowCheck {
  static final String SUBJECT = "TensorFlow";
  static final String REMEDY =
      "check that the native library fits this system (Linux x86-64 or ARM64, macOS ARM64) and that"
          + " ~/.javacpp is writable, then build anew: mvn -DskipTests clean package";

  /** How ops are called that run on oneDNN. */
  private static final String ONEDNN = "_Mkl";

  private TensorFlowCheck() {}

  static Check examine() {
    return Check.trying(SUBJECT, TensorFlowCheck::run, REMEDY);
  }

  private static Check run() {
    Profile profile = Probe.profile(new GraphPath());
    boolean oneDnn = profile.nodes().stream().anyMatch(node -> node.op().startsWith(ONEDNN));
    String version =
        TensorFlow.version() + ", TensorFlow Java " + BuildInfo.library("tensorflow-java");
    String timings =
        Products.timings()
            .map(
                file ->
                    "products are chosen by timings in %s, to be deleted at any time"
                        .formatted(file))
            .orElse("products are chosen by timings that are not kept for other processes");
    if (oneDnn) {
      return Check.ok(
          SUBJECT, List.of(version, "oneDNN on: a matrix product ran on its kernel", timings));
    }
    return Check.limited(
        SUBJECT,
        List.of(
            version, "oneDNN off: a matrix product ran on Eigen's kernel, without AVX2", timings),
        System.getenv("TF_ENABLE_ONEDNN_OPTS") == null
            ? "none on this system: its TensorFlow is built without oneDNN"
            : "unset TF_ENABLE_ONEDNN_OPTS");
  }
}
