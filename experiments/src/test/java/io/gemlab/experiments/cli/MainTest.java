package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @Test
  void everyCommandHelps() {
    for (String command : Main.commandLine().getSubcommands().keySet()) {
      Gemlab help = Gemlab.run(command, "--help");
      assertEquals(0, help.exitCode(), command);
      assertTrue(help.out().startsWith("Usage: gemlab " + command), help.out());
    }
  }

  @Test
  void helpIsOfCommandsAndOfRecipes() {
    assertTrue(Gemlab.run("help").out().contains("ablate"));
    assertTrue(Gemlab.run("help", "ablate").out().startsWith("Usage: gemlab ablate"));
    String keys = Gemlab.run("help", "recipe").out();
    assertTrue(keys.contains("learning_rate_floor"), keys);
    String training = Gemlab.run("help", "train-recipe").out();
    assertTrue(training.contains("weights_dtype"), training);
    Gemlab unknown = Gemlab.run("help", "recipes");
    assertEquals(2, unknown.exitCode());
    assertTrue(unknown.err().contains("did you mean recipe?"), unknown.err());
  }

  @Test
  void tellsItsVersion() {
    Gemlab version = Gemlab.run("--version");
    assertEquals(0, version.exitCode());
    assertTrue(version.out().startsWith("gemlab 0."), version.out());
    assertTrue(version.out().contains("TensorFlow Java 1.1.0"), version.out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "logitz",
        "logitz --help",
        "--help logitz",
        "logits",
        "logits --checkpoint x",
        "logits --checkpoint x --ids y --out z --softcap perhaps",
        "step --checkpoint x --ids y --out z --steps many",
        "ablate --unknown",
        "ablate a b",
        "ablate --threads 0",
        "doctor --threads 9998",
        "ablate --products fast",
        "report",
        "train",
        "train a b",
        "train a --show-labels many"
      })
  void wrongUsageIsOneLineAndCode2(String line) {
    Gemlab misuse = Gemlab.run((Object[]) line.split(" "));
    assertEquals(2, misuse.exitCode(), misuse.err());
    assertEquals(1, misuse.err().lines().count(), misuse.err());
    assertTrue(misuse.err().startsWith("gemlab"), misuse.err());
  }

  @ParameterizedTest
  @CsvSource({
    "logitz, did you mean logits?",
    "logitz --help, did you mean logits?",
    "ablate --resum, did you mean --resume?",
    "logits --chekpoint x, did you mean --checkpoint?",
    "train a --resum, did you mean --resume?",
    "random-checkpoint --presett tiny, did you mean --preset?"
  })
  void wrongWordsAreToldTheNearestRightOne(String line, String nearest) {
    Gemlab misuse = Gemlab.run((Object[]) line.split(" "));
    assertEquals(2, misuse.exitCode(), misuse.err());
    assertTrue(misuse.err().contains(nearest), misuse.err());
  }
}
