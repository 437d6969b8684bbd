package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConformanceCommandTest {
  @TempDir static Path shared;
  private static Path vectors;

  @TempDir Path folder;

  @BeforeAll
  static void export() {
    vectors = shared.resolve("vectors");
    Gemlab export = Gemlab.run("conformance", "--export", vectors);
    assertEquals(0, export.exitCode(), export.err());
  }

  @Test
  void runsAndReports() throws IOException {
    Path out = folder.resolve("report");
    Gemlab run = Gemlab.run("conformance", "--path", "eager", "--dtype", "float32", "--out", out);
    assertEquals(0, run.exitCode(), run.out() + run.err());
    assertEquals(5 + 3 * 3, run.out().lines().count(), run.out());
    assertTrue(
        run.out().contains("no Gemlab kernels: this path runs the nodes as they were traced"));
    assertTrue(run.out().lines().toList().get(2).contains(" cosine   largest "), run.out());
    assertTrue(run.out().lines().anyMatch(line -> line.matches("eager +sdpa +float32 .*1\\.0.*")));
    String report = Files.readString(out.resolve("report.md"));
    assertTrue(report.contains("Yes: all 42 runs of these passed; 12 more were refused."), report);
    assertTrue(report.contains("Paths eager; attention eager, sdpa, blockwise; types float32; "));
    assertTrue(Files.exists(out.resolve("report.html")));
    assertTrue(Files.exists(out.resolve("report.json")));
  }

  @Test
  void judgesWhatTheExportedCheckpointGives() {
    Path right = logits("attention_softcap", "--softcap", "on");
    Gemlab applied = check("attention_softcap", right);
    assertEquals(0, applied.exitCode(), applied.out() + applied.err());
    assertTrue(applied.out().contains("the attention's softcap applied"), applied.out());

    Path dropped = logits("attention_softcap", "--attention", "sdpa", "--allow-deviation");
    Gemlab caught = check("attention_softcap", dropped);
    assertEquals(1, caught.exitCode(), caught.out() + caught.err());
    assertTrue(caught.out().contains("the attention's softcap dropped"), caught.out());
  }

  @Test
  void theExpectedLogitsAreRight() {
    for (String probe :
        new String[] {"final_softcap", "window", "query_scale", "padding", "rotary_bases"}) {
      Gemlab check = check(probe, vectors.resolve(probe).resolve("expected.safetensors"));
      assertEquals(0, check.exitCode(), check.out() + check.err());
    }
  }

  @Test
  void saysWhatIsInTheExport() throws IOException {
    String readme = Files.readString(vectors.resolve("README.md"));
    for (String probe :
        new String[] {
          "attention_softcap", "final_softcap", "window", "query_scale", "padding", "rotary_bases"
        }) {
      assertTrue(readme.contains("| `" + probe + "` |"), probe);
    }
    assertTrue(Files.exists(vectors.resolve("run_transformers.py")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--probe softcap | probe \"softcap\" is not known",
        "--path gpu | path \"gpu\" is not known",
        "--dtype float8 | dtype \"float8\" is not known",
        "--check nowhere.safetensors | nowhere.safetensors does not exist",
        "--check a --export b | can't go together",
        "--check a --path eager | --path means nothing with --check",
        "--export b --dtype float32 | --dtype means nothing with --export"
      })
  void refusesInOneLine(String flags, String message) {
    Gemlab run = Gemlab.run((Object[]) ("conformance " + flags).split(" "));
    assertEquals(2, run.exitCode(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains(message), run.err());
  }

  @Test
  void refusesLogitsOfSomethingElse() {
    Path expected = vectors.resolve("window").resolve("expected.safetensors");
    Gemlab none = Gemlab.run("conformance", "--check", expected);
    assertEquals(2, none.exitCode(), none.err());
    assertTrue(none.err().contains("has no logits of attention_softcap, "), none.err());

    Path model = vectors.resolve("window").resolve("model.safetensors");
    Gemlab weights = Gemlab.run("conformance", "--probe", "window", "--check", model);
    assertEquals(2, weights.exitCode(), weights.err());
  }

  @Test
  void refusesATakenFolder() throws IOException {
    Files.writeString(folder.resolve("mine.txt"), "keep");
    for (String flag : new String[] {"--export", "--out"}) {
      Gemlab run = Gemlab.run("conformance", flag, folder);
      assertEquals(2, run.exitCode(), run.err());
      assertTrue(run.err().contains("already holds mine.txt"), run.err());
    }
    assertFalse(Files.exists(folder.resolve("README.md")));
  }

  private static Gemlab check(String probe, Path file) {
    return Gemlab.run("conformance", "--probe", probe, "--check", file);
  }

  private Path logits(String probe, String... flags) {
    Path file = folder.resolve(flags[1] + ".safetensors");
    Object[] words = new Object[9 + flags.length];
    System.arraycopy(
        new Object[] {
          "logits",
          "--checkpoint",
          vectors.resolve(probe),
          "--ids",
          vectors.resolve(probe).resolve("ids.json"),
          "--out",
          file,
          "--path",
          "eager"
        },
        0,
        words,
        0,
        9);
    System.arraycopy(flags, 0, words, 9, flags.length);
    Gemlab run = Gemlab.run(words);
    assertEquals(0, run.exitCode(), run.err());
    return file;
  }
}
