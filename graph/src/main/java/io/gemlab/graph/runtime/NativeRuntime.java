package io.gemlab.graph.runtime;

import io.gemlab.graph.base.process.ProcessEnvironment;
import io.gemlab.ops.choice.Support;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * The environment that TensorFlow's native library reads while it loads.
 *
 * <p>XLA clusters on CPU need two flags in {@code TF_XLA_FLAGS}. They only allow clusters: which
 * session has any is that session's own option, so a plain session beside a clustered one has none.
 * ({@code --tf_xla_auto_jit} would override every session's option; it is never set here.)
 *
 * <p>A flag in {@code XLA_FLAGS} or {@code TF_XLA_FLAGS} that TensorFlow's XLA can't take would
 * abort the process, and people who use JAX have such flags set; with one that it takes, it
 * computes wrongly. TensorFlow doesn't see them, and a warning names them. A child process inherits
 * the variables as the user set them, so a plugin that compiles there gets all flags.
 *
 * <p>TensorFlow computes on as many threads as Java sees processors, which may be fewer than the
 * machine has: a container's share, or {@code -XX:ActiveProcessorCount}.
 *
 * <p>Programs that sessions compile are kept for other processes ({@link ProgramCache}), unless
 * either variable is set: whoever sets flags may want to see a program compiled. TensorFlow
 * compiles a second time what it keeps, so a process whose programs nobody else will need only
 * loads ({@link #KEEP_PROGRAMS}).
 */
public final class NativeRuntime {
  /**
   * A system property; where it is false, programs are loaded if others have kept them, and none is
   * kept. It is read once, so a process sets it before anything else of this class is touched.
   */
  public static final String KEEP_PROGRAMS = "gemlab.programs.keep";

  private static final String CHECKED_PROGRAMS = "gemlab.programs.checked";

  /**
   * Options of Java for a child that keeps no programs, and loads what this process has found to be
   * whole.
   */
  public static final List<String> KEEPING_NO_PROGRAMS =
      List.of("-D" + KEEP_PROGRAMS + "=false", "-D" + CHECKED_PROGRAMS + "=true");

  private static final String XLA_FLAGS = "XLA_FLAGS";
  private static final String TF_XLA_FLAGS = "TF_XLA_FLAGS";
  private static final String CLUSTER_FLAGS =
      "--tf_xla_cpu_global_jit --tf_xla_ops_to_cluster=FUSIBLE";
  private static final String CACHE_FLAG = "--tf_xla_persistent_cache_directory=";
  private static final String READ_ONLY_FLAG = "--tf_xla_persistent_cache_read_only";

  /** How many threads share an op, and how many ops run at once. */
  private static final List<String> THREADS =
      List.of("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS");

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

  /**
   * What of {@code XLA_FLAGS} and {@code TF_XLA_FLAGS} TensorFlow is not shown, and why: lines that
   * name the flags.
   */
  public static List<String> ignoredFlags() {
    return Stream.of(XLA_FLAGS, TF_XLA_FLAGS)
        .map(variable -> XlaFlags.of(variable, System.getenv(variable)))
        .flatMap(flags -> flags.warnings().stream())
        .toList();
  }

  /**
   * Where programs that sessions compile are kept for other processes; empty where they aren't. It
   * may be deleted at any time.
   */
  public static Optional<Path> programCache() {
    boolean flags = System.getenv(XLA_FLAGS) != null || System.getenv(TF_XLA_FLAGS) != null;
    return flags ? Optional.empty() : ProgramCache.folder(Boolean.getBoolean(CHECKED_PROGRAMS));
  }

  private static Support prepare() {
    XlaFlags flags = XlaFlags.of(TF_XLA_FLAGS, System.getenv(TF_XLA_FLAGS));
    boolean set = flags.value().contains("--tf_xla_cpu_global_jit");
    if (!set && isLoaded()) {
      return Support.no(
          "TensorFlow was loaded before Gemlab could set " + TF_XLA_FLAGS,
          "call NativeRuntime.ensure() first, or start Java with "
              + TF_XLA_FLAGS
              + "=\""
              + CLUSTER_FLAGS
              + "\"");
    }
    for (String ignored : ignoredFlags())
      LoggerFactory.getLogger(NativeRuntime.class).warn(ignored);
    if (System.getenv(XLA_FLAGS) != null) {
      ProcessEnvironment.set(XLA_FLAGS, XlaFlags.of(XLA_FLAGS, System.getenv(XLA_FLAGS)).value());
    }
    List<String> all = new ArrayList<>(flags.known());
    if (!set) all.add(CLUSTER_FLAGS);
    programCache().ifPresent(folder -> all.add(CACHE_FLAG + '"' + folder + '"'));
    if (!Boolean.parseBoolean(System.getProperty(KEEP_PROGRAMS, "true"))) {
      all.add(READ_ONLY_FLAG);
    }
    ProcessEnvironment.set(TF_XLA_FLAGS, String.join(" ", all));
    String threads = String.valueOf(Runtime.getRuntime().availableProcessors());
    for (String pool : THREADS) {
      if (System.getenv(pool) == null) ProcessEnvironment.set(pool, threads);
    }
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
