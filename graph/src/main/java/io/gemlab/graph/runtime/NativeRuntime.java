package io.gemlab.graph.runtime;

import io.gemlab.graph.ProcessEnvironment;
import io.gemlab.ops.choice.Support;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The environment that TensorFlow's native library reads while it loads.
 *
 * <p>XLA clusters on CPU need two flags in {@code TF_XLA_FLAGS}. They only allow clusters: which
 * session has any is that session's own option, so a plain session beside a clustered one has none.
 * ({@code --tf_xla_auto_jit} would override every session's option; it is never set here.)
 */
public final class NativeRuntime {
  private static final String XLA_FLAGS = "TF_XLA_FLAGS";
  private static final String CLUSTER_FLAGS =
      "--tf_xla_cpu_global_jit --tf_xla_ops_to_cluster=FUSIBLE";

  private static final Support CLUSTERS = prepare();

  private NativeRuntime() {}

  /** Makes sure of the environment. Call it before anything of TensorFlow's is touched. */
  public static void ensure() {
    // Loading this class has done it.
  }

  /** Whether sessions of this process can have XLA clusters. */
  public static Support clusters() {
    return CLUSTERS;
  }

  private static Support prepare() {
    String flags = System.getenv(XLA_FLAGS);
    boolean set = flags != null && flags.contains("--tf_xla_cpu_global_jit");
    if (!set && isLoaded()) {
      return Support.no(
          "TensorFlow was loaded before Gemlab could set " + XLA_FLAGS,
          "call NativeRuntime.ensure() first, or start Java with "
              + XLA_FLAGS
              + "=\""
              + CLUSTER_FLAGS
              + "\"");
    }
    if (!set)
      ProcessEnvironment.set(
          XLA_FLAGS, flags == null ? CLUSTER_FLAGS : flags + " " + CLUSTER_FLAGS);
    if (System.getenv("TF_CPP_MIN_LOG_LEVEL") == null)
      ProcessEnvironment.set("TF_CPP_MIN_LOG_LEVEL", "2");
    return Support.yes();
  }

  private static boolean isLoaded() {
    Path maps = Path.of("/proc/self/maps");
    if (!Files.exists(maps)) return false;
    try (Stream<String> lines = Files.lines(maps)) {
      return lines.anyMatch(line -> line.contains("libtensorflow"));
    } catch (IOException e) {
      return false;
    }
  }
}
