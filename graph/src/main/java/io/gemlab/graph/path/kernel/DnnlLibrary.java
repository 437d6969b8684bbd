package io.gemlab.graph.path.kernel;

import io.gemlab.ops.choice.Support;
import java.io.File;
import java.io.IOException;
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

  private static final Loaded LOADED = load();

  private DnnlLibrary() {}

  /** The library's functions and OpenMP's, or why there are none. */
  private record Loaded(Optional<SymbolLookup> functions, Support support) {}

  /** Whether it is there. */
  static Support support() {
    return LOADED.support();
  }

  /** Its functions and OpenMP's; empty where it isn't there. */
  static Optional<SymbolLookup> functions() {
    return LOADED.functions();
  }

  private static Loaded load() {
    boolean linux = System.getProperty("os.name").equals("Linux");
    if (!linux || !System.getProperty("os.arch").equals("amd64")) {
      return none("oneDNN's library is there for x86-64 Linux only");
    }
    if (DnnlLibrary.class.getResource(DNNL) == null) {
      return none("oneDNN's library, the jar org.bytedeco:dnnl, is not on the class path");
    }
    try {
      SymbolLookup openMp = open(OPEN_MP);
      open(OPEN_CL);
      return new Loaded(Optional.of(open(DNNL).or(openMp)), Support.yes());
    } catch (IOException | IllegalArgumentException e) {
      return none("oneDNN's library can't be loaded (" + e.getMessage() + ")");
    }
  }

  private static Loaded none(String reason) {
    return new Loaded(
        Optional.empty(),
        Support.no(reason, "TensorFlow's ops compute the same values, more slowly"));
  }

  /** Loads a library, which stays in JavaCPP's cache of files out of jars. */
  private static SymbolLookup open(String name) throws IOException {
    File file = Loader.cacheResource(DnnlLibrary.class, name);
    return SymbolLookup.libraryLookup(file.toPath(), Arena.global());
  }
}
