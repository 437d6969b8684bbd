package io.gemlab.graph.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.files.CacheFolder;
import io.gemlab.graph.base.process.JavaProcess;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramCacheTest {
  @TempDir Path folder;

  /** Field 1 is text of three bytes, field 2 a number. */
  @ParameterizedTest
  @CsvSource({
    "0a03616263 1005, false",
    "0a03616263     , false",
    "0a036162       , true",
    "0a036162631005 0a, true",
    "0000000000     , true",
    "''             , true"
  })
  void aTornFileIsNoWholeMessage(String hex, boolean torn) throws IOException {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    assertEquals(torn, ProgramCache.isTorn(Files.write(folder.resolve("a.pb"), bytes)));
  }

  @Test
  void anotherProcessLoadsWhatOneCompiledAndCompilesWhatWasTorn()
      throws IOException, InterruptedException {
    assertEquals(0, child(Map.of()));
    List<Path> compiled = programs();
    assertFalse(compiled.isEmpty());
    List<Object> written = keys(compiled);

    assertEquals(0, child(Map.of()));
    assertEquals(written, keys(programs()), "nothing is compiled again");

    for (Path program : compiled) {
      try (FileChannel file = FileChannel.open(program, StandardOpenOption.WRITE)) {
        file.truncate(file.size() / 2);
      }
    }
    assertEquals(0, child(Map.of()));
    assertEquals(compiled, programs());
    for (Path program : compiled) assertFalse(ProgramCache.isTorn(program));
  }

  @Test
  void keepsNothingWhereFlagsAreSet() throws IOException, InterruptedException {
    assertEquals(0, child(Map.of("XLA_FLAGS", "--xla_cpu_enable_fast_math=false")));
    assertEquals(0, child(Map.of("TF_XLA_FLAGS", "--tf_xla_min_cluster_size=4")));
    assertTrue(programs().isEmpty());
  }

  /** It loads what others kept; without them it would compile, and keep nothing. */
  @Test
  void whoKeepsNothingLoadsWhatOthersKept() throws IOException, InterruptedException {
    List<String> keepsNothing = NativeRuntime.KEEPING_NO_PROGRAMS;
    assertEquals(0, child(Map.of(), keepsNothing));
    assertTrue(programs().isEmpty());

    assertEquals(0, child(Map.of()));
    List<Object> written = keys(programs());
    assertEquals(0, child(Map.of(), keepsNothing));
    assertEquals(written, keys(programs()));
  }

  private int child(Map<String, String> environment) throws IOException, InterruptedException {
    return child(environment, List.of());
  }

  private int child(Map<String, String> environment, List<String> options)
      throws IOException, InterruptedException {
    ProcessBuilder child =
        JavaProcess.of(XlaFlagsTest.Child.class, options, List.of(), folder.resolve("log"));
    child.environment().put(CacheFolder.VARIABLE, folder.toString());
    child.environment().putAll(environment);
    return child.start().waitFor();
  }

  private List<Path> programs() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".pb")).sorted().toList();
    }
  }

  /** What tells a file from another of its name. */
  private static List<Object> keys(List<Path> files) throws IOException {
    List<Object> keys = new ArrayList<>();
    for (Path file : files) keys.add(Files.readAttributes(file, "unix:ino").get("ino"));
    return keys;
  }
}
