package io.gemlab.reports.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvenancesTest {
  @TempDir Path folder;

  @Test
  void tellsWhatTheMachineTells() {
    Provenance provenance = collect();
    assertEquals("0.1.0", provenance.getGemlabVersion());
    assertEquals("./gemlab ablate --out 'my report'", provenance.getCommand());
    assertEquals("TensorFlow", provenance.getLibraries(0).getName());
    assertTrue(provenance.getJava().startsWith(Runtime.version().toString()));
    assertTrue(provenance.getOperatingSystem().contains(System.getProperty("os.arch")));
    assertTrue(provenance.getCores() >= 1);
    assertTrue(provenance.getMemoryBytes() > 100 << 20);
    assertFalse(provenance.getCpuModel().isEmpty());
    assertEquals("JVM options", provenance.getSettings(0).getName());
  }

  @Test
  void aFolderThatIsNoCheckoutHasNoCommit() {
    assertEquals("unknown", collect().getGitCommit());
    assertFalse(collect().getGitDirty());
  }

  @Test
  void aCheckoutHasItsCommitAndSaysWhetherItIsClean() throws Exception {
    assumeTrue(git("--version"), "git is not installed: commits are not proved here");
    git("init", "--quiet");
    Files.writeString(folder.resolve("file"), "one");
    git("add", "file");
    git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "-m", "one");
    git("tag", "v1");
    Provenance clean = collect();
    assertTrue(clean.getGitCommit().matches("[0-9a-f]{40}"), clean.getGitCommit());
    assertFalse(clean.getGitDirty());

    Files.writeString(folder.resolve("untracked"), "does not count");
    assertFalse(collect().getGitDirty());
    Files.writeString(folder.resolve("file"), "two");
    assertTrue(collect().getGitDirty());
    assertEquals(clean.getGitCommit(), collect().getGitCommit());

    Path inside = Files.createDirectory(folder.resolve("inside"));
    RunContext within = new RunContext("0.1.0", inside, List.of("gemlab"), List.of());
    assertEquals("unknown", Provenances.collect(within).getGitCommit());
  }

  @Test
  void onlySettingsThatMatterAreKept() {
    List<Setting> settings =
        Provenances.settings(
            Map.of("XLA_FLAGS", "--a", "HOME", "/root", "OMP_NUM_THREADS", "2", "PASSWORD", "x"));
    assertEquals(
        List.of("JVM options", "OMP_NUM_THREADS", "XLA_FLAGS"),
        settings.stream().map(Setting::getName).toList());
  }

  @Test
  void refusesARunThatCantBeRepeated() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new RunContext("0.1.0", folder, List.of(), List.of()));
  }

  private Provenance collect() {
    return Provenances.collect(
        new RunContext(
            "0.1.0",
            folder,
            List.of("./gemlab", "ablate", "--out", "my report"),
            List.of(Library.newBuilder().setName("TensorFlow").setVersion("2.18.0").build())));
  }

  private boolean git(String... arguments) throws InterruptedException {
    try {
      List<String> command = new ArrayList<>(List.of("git", "-C", folder.toString()));
      command.addAll(List.of(arguments));
      return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
