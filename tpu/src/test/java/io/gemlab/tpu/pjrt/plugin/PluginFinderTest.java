package io.gemlab.tpu.pjrt.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PluginFinderTest {
  @TempDir Path root;

  @Test
  void namedFileIsTakenBeforeAllOthers() throws IOException {
    Path named = file("mine.so");
    Path other = file("other.so");
    PluginSearch search =
        new PluginFinder(Map.of("TPU_LIBRARY_PATH", other.toString()))
            .find(PluginKind.TPU, Optional.of(named));
    assertEquals(named, search.require());
    assertEquals(List.of(named), search.lookedAt());
  }

  @Test
  void variableNamesTpuPluginAlone() throws IOException {
    Path library = file("libtpu.so");
    PluginFinder finder = new PluginFinder(Map.of("TPU_LIBRARY_PATH", library.toString()));
    assertEquals(library, finder.find(PluginKind.TPU, Optional.empty()).require());
    assertEquals(Optional.empty(), finder.find(PluginKind.CUDA, Optional.empty()).found());
  }

  @Test
  void anEmptyVariableIsAsIfNotSetAndAFolderIsNoPlugin() throws IOException {
    Path installed = file("venv/lib/python3.12/site-packages/libtpu/libtpu.so");
    String environment = root.resolve("venv").toString();
    for (String empty : List.of("", " ")) {
      assertEquals(
          installed,
          new PluginFinder(Map.of("TPU_LIBRARY_PATH", empty, "VIRTUAL_ENV", environment))
              .find(PluginKind.TPU, Optional.empty())
              .require());
    }
    assertEquals(
        Optional.empty(),
        new PluginFinder(Map.of("TPU_LIBRARY_PATH", root.toString()))
            .find(PluginKind.TPU, Optional.empty())
            .found());
  }

  @Test
  void missingNamedFileIsNotReplaced() throws IOException {
    Path installed = file("venv/lib/python3.12/site-packages/libtpu/libtpu.so");
    Path named = root.resolve("absent.so");
    PluginSearch search =
        new PluginFinder(Map.of("VIRTUAL_ENV", root.resolve("venv").toString()))
            .find(PluginKind.TPU, Optional.of(named));
    assertEquals(
        "no TPU plugin at "
            + named
            + ": run `pip install libtpu`, or give its file by --plugin or set TPU_LIBRARY_PATH",
        assertThrows(InvalidInput.class, search::require).getMessage());
    assertTrue(Files.exists(installed));
  }

  /** What {@code unzip} makes of a wheel. */
  @Test
  void aCudaCompilerThatMayNotBeExecutedIsNamed() throws IOException {
    Path plugin = file("packages/jax_plugins/xla_cuda13/xla_cuda_plugin.so");
    PluginKind.CUDA.requireUsable(plugin);
    Path ptxas = file("packages/nvidia/cu13/bin/ptxas");
    assertTrue(ptxas.toFile().setExecutable(false));
    InvalidInput refusal =
        assertThrows(InvalidInput.class, () -> PluginKind.CUDA.requireUsable(plugin));
    assertTrue(refusal.getMessage().startsWith(ptxas + " may not be executed"), refusal::toString);
    assertTrue(refusal.getMessage().contains("chmod +x " + ptxas.getParent() + "/*"));
    assertTrue(ptxas.toFile().setExecutable(true));
    PluginKind.CUDA.requireUsable(plugin);
    PluginKind.TPU.requireUsable(plugin);
  }

  @Test
  void everyPythonOnThePathIsLookedInto() throws IOException {
    Path cuda = file("py/lib/python3.13/site-packages/jax_plugins/xla_cuda13/xla_cuda_plugin.so");
    Path tpu = file("usr/lib64/python3/dist-packages/libtpu/libtpu.so");
    Files.createDirectories(root.resolve("py/lib/python3.9/site-packages"));
    PluginFinder finder =
        new PluginFinder(
            Map.of("PATH", root.resolve("py/bin") + File.pathSeparator + root.resolve("usr/bin")));
    assertEquals(cuda, finder.find(PluginKind.CUDA, Optional.empty()).require());
    PluginSearch search = finder.find(PluginKind.TPU, Optional.empty());
    assertEquals(tpu, search.require());
    assertEquals(
        List.of("py/lib/python3.13/site-packages", "py/lib/python3.9/site-packages"),
        search.lookedAt().subList(0, 2).stream()
            .map(path -> root.relativize(path.getParent().getParent()).toString())
            .toList());
  }

  @Test
  void activeEnvironmentGoesBeforeThePathAndPythonpathBeforeBoth() throws IOException {
    Path onPath = file("a/lib/python3.12/site-packages/libtpu/libtpu.so");
    Path active = file("b/lib/python3.12/site-packages/libtpu/libtpu.so");
    Path first = file("c/libtpu/libtpu.so");
    Map<String, String> environment =
        Map.of(
            "PATH", root.resolve("a/bin").toString(),
            "VIRTUAL_ENV", root.resolve("b").toString(),
            "PYTHONPATH", root.resolve("c").toString());
    assertEquals(
        List.of(first, active, onPath),
        new PluginFinder(environment).find(PluginKind.TPU, Optional.empty()).lookedAt());
  }

  @Test
  void usersOwnPackagesCount() throws IOException {
    Path library = file("home/.local/lib/python3.11/site-packages/libtpu/libtpu.so");
    assertEquals(
        library,
        new PluginFinder(Map.of("HOME", root.resolve("home").toString()))
            .find(PluginKind.TPU, Optional.empty())
            .require());
  }

  @Test
  void machineWithoutPythonIsToldTheCommand() {
    PluginSearch search = new PluginFinder(Map.of()).find(PluginKind.CUDA, Optional.empty());
    assertEquals(
        "no CUDA plugin in no Python site-packages, since there are none: run `pip install"
            + " \"jax[cuda13]\"`, or give its file by --plugin",
        assertThrows(InvalidInput.class, search::require).getMessage());
  }

  private Path file(String path) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.createFile(file);
  }
}
