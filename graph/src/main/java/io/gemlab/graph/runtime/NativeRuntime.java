package io.gemlab.graph.runtime;

import io.gemlab.ops.choice.Support;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.tensorflow.TensorFlow;

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

  /** {@code void absl::SetMinLogLevel(absl::LogSeverityAtLeast)}, as TensorFlow 2.18 exports it. */
  private static final String SET_MIN_LOG_LEVEL =
      "_ZN4absl12lts_2023080214SetMinLogLevelENS0_18LogSeverityAtLeastE";

  private static final int WARNING = 1;
  private static final Support CLUSTERS = prepare();

  private NativeRuntime() {}

  /**
   * Loads TensorFlow in the environment it needs, and keeps its information messages off standard
   * error: {@code TF_CPP_MIN_LOG_LEVEL} does not reach those that go through absl. Call it before
   * anything of TensorFlow's is touched.
   */
  public static void ensure() {
    Loaded.ensure();
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
    if (!set) setenv(XLA_FLAGS, flags == null ? CLUSTER_FLAGS : flags + " " + CLUSTER_FLAGS);
    if (System.getenv("TF_CPP_MIN_LOG_LEVEL") == null) setenv("TF_CPP_MIN_LOG_LEVEL", "2");
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

  private static final class Loaded {
    static {
      TensorFlow.version();
      SymbolLookup.loaderLookup().find(SET_MIN_LOG_LEVEL).ifPresent(Loaded::setMinLogLevel);
    }

    static void ensure() {
      // Loading this class has done it.
    }

    @SuppressWarnings("restricted")
    private static void setMinLogLevel(MemorySegment symbol) {
      MethodHandle call =
          Linker.nativeLinker()
              .downcallHandle(symbol, FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
      try {
        call.invokeExact(WARNING);
      } catch (Throwable e) {
        throw new IllegalStateException("setting the log level failed", e);
      }
    }
  }

  /** {@code int setenv(const char *name, const char *value, int overwrite)}. */
  @SuppressWarnings("restricted")
  private static void setenv(String name, String value) {
    Linker linker = Linker.nativeLinker();
    MemorySegment symbol = linker.defaultLookup().findOrThrow("setenv");
    MethodHandle setenv =
        linker.downcallHandle(
            symbol,
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int status = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
      if (status != 0) throw new IllegalStateException("setenv " + name + " failed");
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("setenv " + name + " failed", e);
    }
  }
}
