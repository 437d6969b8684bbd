package io.gemlab.graph.path.kernel;

import io.gemlab.ops.choice.Support;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;

/**
 * oneDNN's own library, out of a jar for x86-64 Linux. TensorFlow has another oneDNN inside, which
 * exports no C functions.
 */
@SuppressWarnings("restricted")
final class DnnlLibrary {
  private static final String FOLDER = "/org/bytedeco/dnnl/linux-x86_64/";
  private static final String DNNL = FOLDER + "libdnnl.so.3";

  /** It was built for OpenMP's threads and for OpenCL's devices, and wants both beside it. */
  private static final String OPEN_MP = FOLDER + "libgomp.so.1";

  private static final String OPEN_CL = "/org/bytedeco/opencl/linux-x86_64/libOpenCL.so.1";

  /** Its functions and OpenMP's; empty where it isn't there. */
  static final Optional<SymbolLookup> FUNCTIONS = load();

  private DnnlLibrary() {}

  /** Whether it is there. */
  static Support support() {
    return FUNCTIONS.isPresent()
        ? Support.yes()
        : Support.no(
            "oneDNN's library is there for x86-64 Linux only",
            "TensorFlow's ops compute the same values, more slowly");
  }

  private static Optional<SymbolLookup> load() {
    boolean linux = System.getProperty("os.name").equals("Linux");
    if (!linux || !System.getProperty("os.arch").equals("amd64")) return Optional.empty();
    if (DnnlLibrary.class.getResource(DNNL) == null) return Optional.empty();
    try {
      SymbolLookup openMp = open(OPEN_MP);
      open(OPEN_CL);
      return Optional.of(open(DNNL).or(openMp));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Loads a library, which stays in JavaCPP's cache of files out of jars. */
  private static SymbolLookup open(String name) throws IOException {
    File file = Loader.cacheResource(DnnlLibrary.class, name);
    return SymbolLookup.libraryLookup(file.toPath(), Arena.global());
  }
}
