package io.gemlab.experiments.ablate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SilentMonitor;
import io.gemlab.experiments.ablate.recipe.RecipeChoice;
import io.gemlab.experiments.recipe.Level;
import io.gemlab.reports.record.AnalysisRecord;
import io.gemlab.reports.record.AnalysisRecords;
import io.gemlab.reports.record.FactorAnalysis;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An ablation's folder that an earlier version wrote (commit 01aa962): what it measured is still
 * read, and means the same. {@code old-records.analysis.pb} is the analysis that it made of it.
 */
class EarlierRecordsTest {
  private static final Path EARLIER =
      Path.of("src/test/resources/io/gemlab/experiments/ablate/earlier");

  @TempDir Path folder;

  @BeforeEach
  void copied() throws IOException {
    try (Stream<Path> files = Files.walk(EARLIER)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = folder.resolve(EARLIER.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }

  @Test
  void renderWithTheSameFindings() throws IOException {
    Path html = Ablation.report(folder, _ -> {});
    String analysis = "old-records.analysis.pb";
    assertEquals(
        comparable(AnalysisRecords.read(folder.resolve(analysis))),
        comparable(AnalysisRecords.read(folder.resolve("runs").resolve(analysis))));
    String text = Files.readString(html.resolveSibling("report.md"));
    for (String part :
        List.of(
            "4 arms of tiny, 2 seeds each, equal steps",
            "(6 of 6 runs did not get below the bigram entropy)",
            // Ratios of 1.06 and 0.718, which so wide intervals don't carry.
            "At 32 tokens on the graph path, softcap + blockwise takes between 0.80 and 2.2 times"
                + " the step time and 1.01 times the memory, no cap + eager takes between 0.57 and"
                + " 1.3 times",
            "| softcap + sdpa | not compared",
            "| no cap + eager | not compared: 6 of 6 runs did not get below the bigram entropy |",
            "| no cap + eager | graph | bfloat16 |",
            "## Length sweep")) {
      assertTrue(text.contains(part), part + " is not in " + text);
    }
  }

  /**
   * Its recipe has no betas, which stood in the code; nothing of it is left to do but the training
   * step of each arm alone, which that version did not run.
   */
  @Test
  void areResumed() throws IOException {
    Path recipe = folder.resolve("recipe.yaml");
    assertFalse(Files.readString(recipe).contains("beta1"));
    Ablation ablation =
        Ablation.of(
            new RecipeChoice(Optional.of(recipe), false, List.of()),
            folder,
            true,
            Provenance.getDefaultInstance());
    List<String> done = new ArrayList<>();
    ablation.run(
        new SilentMonitor() {
          @Override
          public void now(String what) {
            done.add(what);
          }
        });
    assertTrue(
        done.stream().allMatch(what -> what.matches("report|waiting .*|.*, training step")),
        done::toString);
    assertTrue(Files.exists(folder.resolve("runs/step-no-cap-eager.run.pb")));
  }

  /**
   * Without when it was made, which a fitted model has in its provenance too; and without what it
   * says of losses: of runs that learned this little, they were compared then and aren't now. A
   * level was {@code 50.0} then and is {@code 50} now.
   */
  private static AnalysisRecord comparable(AnalysisRecord analysis) {
    AnalysisRecord.Builder builder =
        analysis.toBuilder().clearCreated().clearComparisons().clearFactorAnalyses();
    for (FactorAnalysis factors : analysis.getFactorAnalysesList()) {
      if (factors.getMeasure().equals("validation loss")) continue;
      FactorAnalysis.Builder own = factors.toBuilder().clearTribuoProvenance();
      own.getFactorsBuilderList().stream()
          .flatMap(factor -> factor.getLevelsBuilderList().stream())
          .forEach(level -> level.setLevel(Level.of(level.getLevel())));
      builder.addFactorAnalyses(own);
    }
    return builder.build();
  }
}
