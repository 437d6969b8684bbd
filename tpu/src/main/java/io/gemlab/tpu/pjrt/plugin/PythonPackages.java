package io.gemlab.tpu.pjrt.plugin;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The folders that Python packages are installed in, without asking Python. */
final class PythonPackages {
  private PythonPackages() {}

  /**
   * Folders that exist, the more particular first: PYTHONPATH; then site-packages of the active
   * environment, of each Python on the PATH, and of the user.
   */
  static Collection<Path> folders(Map<String, String> environment) {
    Set<Path> folders = new LinkedHashSet<>();
    for (Path folder : paths(environment.get("PYTHONPATH"))) {
      if (Files.isDirectory(folder)) folders.add(folder);
    }
    List<Path> roots = new ArrayList<>();
    roots.addAll(paths(environment.get("VIRTUAL_ENV")));
    roots.addAll(paths(environment.get("CONDA_PREFIX")));
    for (Path bin : paths(environment.get("PATH"))) {
      if (bin.getParent() != null) roots.add(bin.getParent());
    }
    for (Path home : paths(environment.get("HOME"))) roots.add(home.resolve(".local"));
    for (Path root : roots) {
      for (String lib : List.of("lib", "lib64")) folders.addAll(under(root.resolve(lib)));
    }
    return folders;
  }

  /** {@code python3.12/site-packages} and the like. */
  private static List<Path> under(Path lib) {
    List<Path> folders = new ArrayList<>();
    if (!Files.isDirectory(lib)) return folders;
    try (DirectoryStream<Path> versions = Files.newDirectoryStream(lib, "python3*")) {
      for (Path version : versions) {
        for (String name : List.of("site-packages", "dist-packages")) {
          if (Files.isDirectory(version.resolve(name))) folders.add(version.resolve(name));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    folders.sort(null);
    return folders;
  }

  private static List<Path> paths(String list) {
    if (list == null) return List.of();
    List<Path> paths = new ArrayList<>();
    for (String path : list.split(File.pathSeparator)) {
      if (!path.isEmpty()) paths.add(Path.of(path));
    }
    return paths;
  }
}
