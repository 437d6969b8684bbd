package io.gemlab.tpu.pjrt.plugin;

import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The programs of CUDA's that XLA's plugin for NVIDIA's GPUs starts when it compiles. */
final class CudaTools {
  /** Beside the plugin's own package in a folder of Python packages. */
  private static final List<String> PROGRAMS =
      List.of("nvidia/cu13/bin/ptxas", "nvidia/cu13/bin/nvlink");

  /** The plugin lies in {@code jax_plugins/xla_cuda13} of that folder. */
  private static final int FOLDERS_UP = 3;

  private CudaTools() {}

  /**
   * Refuses programs that are there and may not be executed: the plugin would abort after minutes,
   * without saying why.
   *
   * @param plugin its library; nothing is asked of one in another place
   */
  static void requireExecutable(Path plugin) {
    Path folder = plugin.toAbsolutePath();
    for (int up = 0; up < FOLDERS_UP && folder != null; up++) folder = folder.getParent();
    if (folder == null) return;
    for (String program : PROGRAMS) {
      Path file = folder.resolve(program);
      if (Files.exists(file) && !Files.isExecutable(file)) {
        throw new InvalidInput(
            "%s may not be executed, and %s starts it to compile: chmod +x %s/* %s/nvvm/bin/*"
                .formatted(
                    file, plugin.getFileName(), file.getParent(), file.getParent().getParent()));
      }
    }
  }
}
