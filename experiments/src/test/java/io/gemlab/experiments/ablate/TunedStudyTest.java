package io.gemlab.experiments.ablate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.ablate.recipe.RecipeChoice;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.ablate.run.Shard;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.weights.FreshCheckpoint;
import io.gemlab.reports.record.Outcome.Status;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.RunRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Arms that begin with a checkpoint's weights, each compared at the learning rate it is tuned to.
 */
class TunedStudyTest {
  private static final String RECIPE =
      """
      name: tuned
      question: Does it hold?
      checkpoint: %s
      arms:
        - {name: caps on, attention: eager}
        - {name: caps off, attention: eager,
           config: {attn_logit_softcapping: null, final_logit_softcapping: null}}
      training:
        path: graph
        corpus: %s
        seeds: [1, 2]
        steps: 4
        warmup_steps: 1
        batch: 2
        length: 16
        validation_sequences: 4
        evaluate_every: 2
      tune: {learning_rate: [100, 0.004], seeds: [11, 12]}
      """;

  private static final String ON_11 = "tuning-caps-on-0-004-seed-11";
  private static final String ON_1 = "training-caps-on-seed-1";

  /** A finished study, of which each test gets a copy. */
  @TempDir static Path made;

  private static Path checkpoint;
  private static String recipe;

  @TempDir Path folder;

  private final List<String> said = new ArrayList<>();
  private Path out;

  @BeforeAll
  static void make() throws IOException {
    checkpoint = checkpoint("base", 3);
    Path corpus = made.resolve("corpus.txt");
    Files.writeString(corpus, "To be, or not to be, that is the question. ".repeat(60));
    recipe = RECIPE.formatted(checkpoint, corpus);
    Ablation ablation = ablation(recipe, made.resolve("out"), Shard.WHOLE, false);
    Counting monitor = new Counting();
    ablation.run(monitor);
    assertEquals(ablation.work(), monitor.units);
    assertEquals(List.of(), ablation.failures());
  }

  private static Path checkpoint(String name, long seed) throws IOException {
    Path place = made.resolve(name);
    new FreshCheckpoint(SmallModel.config(), seed, ElementType.F32, Map.of()).write(place, _ -> {});
    return place;
  }

  @BeforeEach
  void copied() throws IOException {
    out = folder.resolve("out");
    try (Stream<Path> files = Files.walk(made.resolve("out"))) {
      for (Path file : files.toList()) {
        Files.copy(file, out.resolve(made.resolve("out").relativize(file).toString()));
      }
    }
  }

  @Test
  void eachArmIsComparedAtTheRateThatItIsTunedTo() throws IOException {
    Map<String, RunRecord> runs = runs(out);
    assertEquals(Status.COMPLETE, runs.get(ON_11).getOutcome().getStatus());
    for (String arm : List.of("caps-on", "caps-off")) {
      String settings = runs.get("training-" + arm + "-seed-2").getIdentity().getSettings();
      assertTrue(settings.contains("\"learning_rate\":0.004"), settings);
    }
    assertEquals(8 + 4 + 2, runs.size());
    String report = report();
    assertEquals(List.of(), said);
    assertTrue(
        report.contains(
            "Each arm is compared at its best of 2 learning rates, chosen under 2 other seeds: caps on at 0.004, caps off at 0.004."),
        report);
    assertTrue(report.contains("a seed is of the order of the data alone"), report);
    assertTrue(report.contains("Best at an end of the rates tried: caps on at the lowest"), report);
    assertTrue(report.contains("| caps on | 0.004 | confirming | 0 of 2 |"), report);
    assertTrue(report.contains("| caps off | 0.004 | tuning | 0 of 2 |"), report);
    assertFalse(report.contains("failed"), report);
  }

  /** Its numbers are finite, and worse than at the start. */
  @Test
  void whatDivergesIsAFindingAndNotTriedAgain() throws IOException {
    String id = "tuning-caps-on-100-seed-12";
    RunRecord run = runs(out).get(id);
    assertTrue(new RunView(run).isDiverged(), run::toString);
    assertTrue(run.getOutcome().getMessage().startsWith("diverged: the validation loss is "));
    assertTrue(new RunView(run).measurement(Measures.VALIDATION_LOSS).isPresent());
    String report = report();
    assertTrue(report.contains("| caps on | 100 | tuning | 2 of 2 |"), report);
    assertTrue(report.contains("At each learning rate the arms diverged equally often."), report);
    List<String> lines = Files.readAllLines(out.resolve("tuning.csv"));
    assertEquals(1 + 8 + 4, lines.size());
    assertTrue(
        lines.stream().anyMatch(line -> line.startsWith("caps on,tuning,100,12,diverged,")),
        lines::toString);
    ablation(recipe, out, Shard.WHOLE, true).run(new Counting());
    assertEquals(run, runs(out).get(id));
  }

  /** All begin with the checkpoint's loss, and go on with batches of their own. */
  @Test
  void aSeedIsOfTheOrderOfTheData() throws IOException {
    RunView one = new RunView(runs(out).get(ON_1));
    RunView two = new RunView(runs(out).get("training-caps-on-seed-2"));
    assertEquals(
        one.curve(Measures.VALIDATION_LOSS).orElseThrow().getY(0),
        two.curve(Measures.VALIDATION_LOSS).orElseThrow().getY(0));
    assertNotEquals(
        one.curve(Measures.TRAINING_LOSS).orElseThrow().getY(0),
        two.curve(Measures.TRAINING_LOSS).orElseThrow().getY(0));
    assertNotEquals(one.value(Measures.VALIDATION_LOSS), two.value(Measures.VALIDATION_LOSS));
    RunView off = new RunView(runs(out).get("training-caps-off-seed-1"));
    assertNotEquals(
        one.curve(Measures.VALIDATION_LOSS).orElseThrow().getY(0),
        off.curve(Measures.VALIDATION_LOSS).orElseThrow().getY(0));
  }

  @Test
  void theWeightsAreKnownByWhatTheyAre() throws IOException {
    Path other = checkpoint("other", 4);
    InvalidInput refusal = assertThrows(InvalidInput.class, () -> resumed(other));
    assertTrue(
        refusal.getMessage().contains("the weights of checkpoint " + checkpoint + ", SHA-256 "),
        refusal::getMessage);
    resumed(checkpoint("same", 3));
  }

  private Ablation resumed(Path from) throws IOException {
    return ablation(recipe.replace(checkpoint.toString(), from.toString()), out, Shard.WHOLE, true);
  }

  /** The report is made of recipe and records alone. */
  @Test
  void theReportNeedsNoCheckpoint() throws IOException {
    Path away = checkpoint.resolveSibling("away");
    Files.move(checkpoint, away);
    try {
      assertTrue(report().contains("caps on at 0.004"));
      InvalidInput refusal = assertThrows(InvalidInput.class, () -> resumed(checkpoint));
      assertTrue(refusal.getMessage().contains(checkpoint.toString()), refusal::getMessage);
    } finally {
      Files.move(away, checkpoint);
    }
  }

  @Test
  void aTuningRunThatIsMissingIsSaidAndMade() throws IOException {
    byte[] before = Files.readAllBytes(record(ON_11));
    Files.delete(record(ON_11));
    String report = report();
    assertTrue(
        said.getFirst()
            .startsWith("1 of 12 runs is missing: caps on, learning rate 0.004, seed 11; "),
        said::toString);
    assertTrue(report.contains("Caps on has no learning rate yet"), report);
    ablation(recipe, out, Shard.WHOLE, true).run(new Counting());
    assertEquals(
        RunRecord.parseFrom(before).getSeriesList(),
        RunRecords.read(record(ON_11)).getSeriesList());
    report();
    assertEquals(List.of(), said);
  }

  @Test
  void aStoppedStudyGoesOnToTheSameNumbers() throws IOException {
    Path stopped = folder.resolve("stopped");
    for (int allowed : List.of(3, 16, 14)) {
      boolean resume = Files.exists(stopped);
      Ablation ablation = ablation(recipe, stopped, Shard.WHOLE, resume);
      assertThrows(RunMonitor.Stopped.class, () -> ablation.run(new Counting(allowed)));
    }
    train(ablation(recipe, stopped, Shard.WHOLE, true), new Counting(true));
    assertSameTraining(runs(stopped));
  }

  /** Each shard tunes under its seeds, and chooses by those of all. */
  @Test
  void shardsTuneTogether() throws IOException {
    Path sharded = folder.resolve("sharded");
    Shard first = new Shard(1, 2);
    InvalidInput waits =
        assertThrows(
            InvalidInput.class, () -> ablation(recipe, sharded, first, false).run(new Counting()));
    assertTrue(
        waits.getMessage().contains("4 of other shards are not made, such as caps on, "),
        waits::getMessage);
    ablation(recipe, sharded, new Shard(2, 2), false).run(new Counting());
    ablation(recipe, sharded, first, true).run(new Counting());
    Map<String, RunRecord> all = runs(sharded.resolve("shards/1-of-2"));
    all.putAll(runs(sharded.resolve("shards/2-of-2")));
    assertSameTraining(all);
    said.clear();
    Ablation.report(sharded, said::add);
    assertEquals(List.of(), said);
  }

  private static void assertSameTraining(Map<String, RunRecord> runs) throws IOException {
    runs(made.resolve("out"))
        .forEach(
            (id, run) -> {
              if (id.startsWith("step-")) return;
              assertEquals(run.getSeriesList(), runs.get(id).getSeriesList(), id);
              assertEquals(run.getOutcome(), runs.get(id).getOutcome(), id);
            });
  }

  /** Trains, and stops before a step is run in a process of its own. */
  private static void train(Ablation ablation, Counting monitor) {
    assertThrows(RunMonitor.Stopped.class, () -> ablation.run(monitor));
  }

  @Test
  void anArmThatDivergesAtEveryRateIsComparedAtNone() throws IOException {
    Path none = folder.resolve("none");
    Ablation ablation =
        ablation(recipe.replace("[100, 0.004]", "[100, 1.0e+30]"), none, Shard.WHOLE, false);
    Counting monitor = new Counting(true);
    train(ablation, monitor);
    assertEquals(-2 * 2 * 4, monitor.announced);
    assertEquals(List.of(), ablation.failures());
    assertEquals(8, runs(none).keySet().stream().filter(id -> id.startsWith("tuning-")).count());
    assertTrue(runs(none).keySet().stream().noneMatch(id -> id.startsWith("training-")));
    String report = Files.readString(Ablation.report(none, _ -> {}).resolveSibling("report.md"));
    assertTrue(
        report.contains("Caps off diverged at every learning rate, and is compared at none."),
        report);
  }

  @Test
  void whatIsTunedIsNotChosenAnew() {
    InvalidInput refusal =
        assertThrows(
            InvalidInput.class,
            () ->
                ablation(
                    recipe.replace("seeds: [11, 12]", "seeds: [11, 12, 13]"),
                    out,
                    Shard.WHOLE,
                    true));
    assertTrue(refusal.getMessage().contains("is tuned otherwise"), refusal::getMessage);
  }

  @Test
  void aDryRunCountsTheTuning() throws IOException {
    String lines =
        String.join("\n", Ablation.dryRun(choice(recipe, folder), folder.resolve("new")));
    assertTrue(lines.contains("tuning: 2 arms x 2 learning rates x 2 seeds = 8 runs"), lines);
    assertTrue(lines.contains("at the learning rate that tuning chooses"), lines);
  }

  @Test
  void weightsThatDontFitAreRefusedBeforeTheFolder() {
    InvalidInput refusal =
        assertThrows(
            InvalidInput.class,
            () ->
                ablation(
                    recipe.replace("final_logit_softcapping: null", "qk_norm: true"),
                    folder.resolve("new"),
                    Shard.WHOLE,
                    false));
    assertTrue(refusal.getMessage().contains("arm \"caps off\": "), refusal::getMessage);
    assertFalse(Files.exists(folder.resolve("new")));
  }

  private String report() throws IOException {
    said.clear();
    return Files.readString(Ablation.report(out, said::add).resolveSibling("report.md"));
  }

  private Path record(String id) {
    return out.resolve("runs").resolve(RunRecords.fileName(id));
  }

  private static Map<String, RunRecord> runs(Path folder) throws IOException {
    return RunRecords.readAll(folder.resolve("runs")).stream()
        .collect(Collectors.toMap(RunRecord::getId, Function.identity()));
  }

  private static RecipeChoice choice(String text, Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("given.yaml"), text);
    return new RecipeChoice(Optional.of(file), false, List.of());
  }

  private static Ablation ablation(String text, Path out, Shard shard, boolean resume)
      throws IOException {
    return Ablation.of(
        choice(text, made),
        out,
        shard,
        resume,
        Products.measured(),
        Provenance.newBuilder().setGemlabVersion("test").setCommand("./gemlab ablate").build());
  }
}
