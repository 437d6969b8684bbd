package io.gemlab.graph.base.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
  @TempDir Path folder;

  @Test
  void makesTheFolderAndReplacesTheFile() throws IOException {
    Path file = folder.resolve("a/b/file");
    WholeFile.write(file, new byte[] {1, 2, 3});
    WholeFile.write(file, new byte[] {4});
    assertArrayEquals(new byte[] {4}, Files.readAllBytes(file));
    assertEquals(List.of("file"), names(file.getParent()));
  }

  @Test
  void leavesNothingBesideWhereItFails() throws IOException {
    Path occupied = Files.createDirectories(folder.resolve("report.html"));
    Files.createFile(occupied.resolve("something"));
    assertThrows(IOException.class, () -> WholeFile.write(occupied, new byte[] {1}));
    assertEquals(List.of("report.html"), names(folder));
  }

  @Test
  void deletesWhatKilledWritersLeft() throws IOException {
    Path file = Files.createFile(folder.resolve("state"));
    Path left = Files.createFile(TemporaryNames.beside(file.toAbsolutePath()));
    Path another = Files.createFile(TemporaryNames.beside(folder.resolve("state.2")));
    WholeFile.deleteLeftovers(file);
    assertTrue(Files.exists(file) && Files.exists(another));
    assertFalse(Files.exists(left));
    WholeFile.deleteLeftovers(folder.resolve("none/state"));
  }

  @Test
  void deletesWhatKilledWritersOfAFolderLeft() throws IOException {
    Path file = Files.createFile(folder.resolve("state"));
    Path hidden = Files.createFile(folder.resolve(".partial-report"));
    Files.createFile(TemporaryNames.beside(file.toAbsolutePath()));
    Path partial = Files.createDirectory(TemporaryNames.beside(folder.resolve("checkpoint")));
    Files.createFile(partial.resolve("weights"));
    assertTrue(Leftovers.isOne(partial) && !Leftovers.isOne(hidden) && !Leftovers.isOne(file));
    Leftovers.delete(folder);
    assertEquals(List.of(".partial-report", "state"), names(folder).stream().sorted().toList());
    Leftovers.delete(folder.resolve("none"));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
