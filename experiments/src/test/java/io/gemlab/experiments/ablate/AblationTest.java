package io.gemlab.experiments.ablate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.ablate.recipe.RecipeChoice;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.ablate.run.Shard;
import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.ReportWriter;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.base.checkpoint.SafetensorsWriter;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.path.product.Products;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.record.Outcome.Status;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.RunRecords;
import io.gemlab.reports.record.Series;
import io.gemlab.reports.record.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An ablation from recipe to report, of a model so small that it takes seconds. */
class AblationTest {
  private static final Provenance PROVENANCE =
      Provenance.newBuilder()
          .setGemlabVersion("test")
          .setCommand("./gemlab ablate recipe.yaml")
          .build();

  private static final String RECIPE =
      """
      name: small
      question: Does it run?
      preset: tiny
      config: %s
      arms:
        - {name: softcap + eager, attention: eager}
        - {name: softcap + blockwise, attention: blockwise}
        - {name: softcap + sdpa, attention: sdpa}
      training:
        path: graph
        seeds: [1, 2]
        steps: 5
        warmup_steps: 2
        batch: 2
        length: 16
        validation_sequences: 4
        evaluate_every: 2
      """
          .formatted(SmallModel.OVERLAY);

  private static final String TIMED =
      """
      timing: {arms: [softcap + eager, softcap + sdpa], paths: [graph], lengths: [16], samples: 5}
      agreement: {paths: [eager, graph], dtypes: [float32], rows: 1, length: 16}
      """;

  @TempDir Path folder;

  /** A rate that no model survives. */
  @Test
  void runsThatDivergeAreAFindingAndTheReportSaysSo() throws IOException {
    Path out = folder.resolve("out");
    Counting monitor = new Counting();
    Ablation ablation =
        ablation(RECIPE.replace("steps: 5", "steps: 5\n  learning_rate: 1e30") + TIMED, out, false);
    Path html = ablation.run(monitor);
    assertEquals(ablation.work(), monitor.units);
    RunRecord run = runs(out).get("training-softcap-eager-seed-1");
    assertEquals(Status.FAILED, run.getOutcome().getStatus());
    assertTrue(run.getOutcome().getMessage().contains("diverged: "), run::toString);
    assertTrue(run.getOutcome().getMessage().contains("step "), run::toString);
    assertTrue(run.getOutcome().getDiverged());
    assertEquals(List.of(), ablation.failures());
    assertTrue(Files.readString(html).contains("diverged: "));
    assertFalse(Files.exists(out.resolve("checkpoint")));
    assertTrue(runs(out).keySet().stream().noneMatch(id -> id.startsWith("agreement")));
    assertFalse(Files.readString(out.resolve("report.json")).contains("\"NaN\""));
    String report = Files.readString(out.resolve("report.md"));
    assertFalse(report.contains("failed**"), report);
    assertFalse(report.contains("missing**"), report);
  }

  /** The control, or an arm, or one seed of it. */
  @Test
  void theReportStandsWithWhatDidNotDiverge() throws IOException {
    Path out = folder.resolve("out");
    train(ablation(RECIPE, out, false));
    Map<String, RunRecord> whole = runs(out);
    for (String failed :
        List.of(
            "training-softcap-blockwise-seed-1",
            "training-softcap-blockwise-seed-2",
            "training-softcap-eager-seed-1",
            "training-softcap-eager-seed-2")) {
      ReportWriter.write(
          out.resolve("runs"),
          RunRecords.seal(
              whole.get(failed).toBuilder()
                  .clearMeasurements()
                  .clearSeries()
                  .setOutcome(Records.failed("diverged: loss is NaN in step 3"))
                  .build()));
      String report = Files.readString(Ablation.report(out, _ -> {}));
      assertTrue(report.contains("diverged: loss is NaN in step 3"), failed);
    }
  }

  @Test
  void goesFromRecipeToReport() throws IOException {
    Path out = folder.resolve("out");
    Counting monitor = new Counting();
    Ablation ablation = ablation(RECIPE + TIMED, out, false);
    Path html = ablation.run(monitor);

    assertEquals(ablation.work(), monitor.units);
    Map<String, RunRecord> runs = runs(out);
    assertEquals(Status.COMPLETE, status(runs, "training-softcap-eager-seed-1"));
    assertEquals(Status.REFUSED, status(runs, "training-softcap-sdpa-seed-2"));
    assertMeanOfPositionsIsTheLoss(new RunView(runs.get("training-softcap-eager-seed-1")));
    assertEquals(Status.COMPLETE, status(runs, "step-softcap-eager"));
    assertEquals(Status.REFUSED, status(runs, "step-softcap-sdpa"));
    assertTrue(new RunView(runs.get("step-softcap-eager")).value(Measures.STEP_MEMORY) > 0);
    assertTrue(new RunView(runs.get("step-softcap-eager")).value(Measures.PRODUCT_RATE) > 1e6);
    assertEquals(Status.COMPLETE, status(runs, "timing-softcap-eager-graph-16"));
    assertEquals(Status.REFUSED, status(runs, "timing-softcap-sdpa-graph-16"));
    assertEquals(
        0,
        new RunView(runs.get("agreement-softcap-eager-eager-float32"))
            .value(Measures.LOGIT_DIFFERENCE));
    double off =
        new RunView(runs.get("agreement-softcap-blockwise-graph-float32"))
            .value(Measures.LOGIT_DIFFERENCE);
    assertTrue(off < 1e-4, "blockwise is off by " + off);

    RunRecord cell = runs.get("timing-softcap-eager-graph-16");
    for (Measure time : List.of(Measures.STEP_TIME, Measures.FORWARD_TIME)) {
      List<Turn> turns =
          cell.getTurnsList().stream()
              .filter(turn -> turn.getMeasurement().equals(time.name()))
              .toList();
      assertEquals(5, turns.stream().map(Turn::getRound).distinct().count());
      assertTrue(new RunView(cell).value(time) > 0);
    }
    assertTrue(new RunView(cell).value(Measures.STEP_MEMORY) > 0);
    assertEquals("graph", cell.getExecution().getPathRan());
    assertFalse(cell.getExecution().getXlaUsed());

    String text = Files.readString(html);
    assertTrue(text.contains("Does it run?"));
    assertTrue(text.contains("Refused"), "the sdpa arm's refusal");
    assertFalse(Pattern.compile("(src|href)=.?https?:").matcher(text).find(), "needs no network");
    assertTrue(Files.exists(out.resolve("report.md")) && Files.exists(out.resolve("report.json")));
    assertTrue(Files.exists(out.resolve("checkpoint/model.safetensors")));

    Files.delete(html);
    assertEquals(html, Ablation.report(out, _ -> {}));
    assertEquals(text, Files.readString(html));
  }

  /** Of 16 positions, 1, 2, 3 to 4, 5 to 8 and 9 to 16. */
  private static void assertMeanOfPositionsIsTheLoss(RunView run) {
    Series byPosition = run.curve(Measures.LOSS_BY_POSITION).orElseThrow();
    assertEquals(List.of(1.0, 2.0, 4.0, 8.0, 16.0), byPosition.getXList());
    double sum = 0;
    double before = 0;
    for (int i = 0; i < byPosition.getXCount(); i++) {
      sum += (byPosition.getX(i) - before) * byPosition.getY(i);
      before = byPosition.getX(i);
    }
    assertEquals(run.value(Measures.VALIDATION_LOSS), sum / 16, 1e-5);
  }

  @Test
  void logitsAreComparedWhereNothingIsTrained() throws IOException {
    Path out = folder.resolve("out");
    String recipe =
        RECIPE.substring(0, RECIPE.indexOf("training:"))
            + TIMED.substring(TIMED.indexOf("agreement:"));
    Counting monitor = new Counting();
    Ablation ablation = ablation(recipe, out, false);
    ablation.run(monitor);
    assertEquals(ablation.work(), monitor.units);
    assertEquals(Status.COMPLETE, status(runs(out), "agreement-softcap-blockwise-graph-float32"));
    assertEquals(6, runs(out).size());
  }

  @Test
  void anArmThatBreaksIsRecordedAndTheOthersGoOn() throws IOException {
    Path out = folder.resolve("out");
    Ablation ablation = ablation(RECIPE, out, false);
    Breaking monitor = new Breaking("softcap + blockwise, seed 1", 3);
    Path html = ablation.run(monitor);

    assertEquals(ablation.work(), monitor.units);
    RunRecord broken = runs(out).get("training-softcap-blockwise-seed-1");
    assertEquals(Status.FAILED, broken.getOutcome().getStatus());
    String reason = "java.lang.IllegalStateException: the device is gone";
    assertEquals(reason, broken.getOutcome().getMessage());
    assertEquals(0, broken.getSeriesCount());
    assertEquals(List.of(broken.getId() + ": " + reason), ablation.failures());
    assertEquals(Status.COMPLETE, status(runs(out), "training-softcap-blockwise-seed-2"));
    assertEquals(Status.REFUSED, status(runs(out), "training-softcap-sdpa-seed-1"));
    assertTrue(Files.readString(html).contains(reason), "the report says so");

    assertTrue(Files.exists(state(out, broken)), "the state of the last validation is kept");
    Ablation resumed = ablation(RECIPE, out, true);
    resumed.run(new Counting());
    assertEquals(List.of(), resumed.failures());
    assertFalse(Files.exists(state(out, broken)));
    Path whole = folder.resolve("whole");
    train(ablation(RECIPE, whole, false));
    assertEquals(
        runs(whole).get(broken.getId()).getSeriesList(),
        runs(out).get(broken.getId()).getSeriesList());
  }

  private static Path state(Path out, RunRecord run) {
    return out.resolve("runs").resolve(run.getId() + ".state.safetensors");
  }

  @Test
  void aStoppedRunGoesOnToTheSameNumbers() throws IOException {
    Path whole = folder.resolve("whole");
    train(ablation(RECIPE, whole, false));

    Path stopped = folder.resolve("stopped");
    for (int allowed : List.of(0, 3, 4, 7)) {
      boolean resume = Files.exists(stopped);
      Ablation ablation = ablation(RECIPE, stopped, resume);
      assertThrows(RunMonitor.Stopped.class, () -> ablation.run(new Counting(allowed)));
      if (allowed == 3) assertSaysThatItWasStopped(stopped);
    }
    train(ablation(RECIPE, stopped, true));

    Map<String, RunRecord> expected = runs(whole);
    Map<String, RunRecord> resumed = runs(stopped);
    assertEquals(expected.keySet(), resumed.keySet());
    expected.forEach(
        (id, run) -> {
          assertEquals(run.getSeriesList(), resumed.get(id).getSeriesList(), id);
          assertEquals(untimed(run), untimed(resumed.get(id)), id);
        });
    try (var left = Files.list(stopped.resolve("runs"))) {
      assertEquals(
          0, left.filter(file -> file.toString().endsWith(".safetensors")).count(), "states");
    }
  }

  private static final Set<String> TIMES_AND_MEMORY =
      Stream.of(
              Measures.TRAINING_TIME,
              Measures.STEP_TIME,
              Measures.STEP_MEMORY,
              Measures.PRODUCT_RATE)
          .map(Measure::name)
          .collect(Collectors.toSet());

  /** All measurements but what is another every time. */
  private static List<Measurement> untimed(RunRecord run) {
    return run.getMeasurementsList().stream()
        .filter(one -> !TIMES_AND_MEMORY.contains(one.getName()))
        .toList();
  }

  @Test
  void aStateOfAnOlderGemlabIsRefusedBeforeAnythingRuns() throws IOException {
    Path out = folder.resolve("out");
    Ablation ablation = ablation(RECIPE, out, false);
    assertThrows(RunMonitor.Stopped.class, () -> ablation.run(new Counting(3)));
    Path state = state(out, runs(out).get("training-softcap-eager-seed-1"));
    SafetensorsWriter.write(state, List.of(), Map.of());
    Ablation resumed = ablation(RECIPE, out, true);
    assertMessage(
        state + " is not the state of an unfinished run as this version of Gemlab writes it",
        () -> resumed.run(new Counting(0)));
    Files.delete(state);
    train(resumed);
    assertEquals(List.of(), resumed.failures());
  }

  private static void assertSaysThatItWasStopped(Path out) throws IOException {
    RunRecord run = runs(out).get("training-softcap-eager-seed-1");
    assertEquals(Status.INTERRUPTED, run.getOutcome().getStatus());
    assertEquals("go on with --resume", run.getOutcome().getRemedy());
    assertTrue(
        Files.readString(Ablation.report(out, _ -> {}))
            .contains("it was stopped before it was done"));
  }

  /** Batch, length, steps, type and rate differ; each arm has the text that it asks for. */
  @Test
  void armsAreTrainedAsEachOfThemAsks() throws IOException {
    Path out = folder.resolve("out");
    String recipe =
        RECIPE.replace(
            "softcap + sdpa, attention: sdpa",
            "own, attention: eager, training: {learning_rate: 1.0e-3, dtype: bfloat16, batch: 1,"
                + " length: 8, steps: 3}");
    Counting monitor = new Counting();
    Ablation ablation = ablation(recipe, out, false);
    ablation.run(monitor);
    assertEquals(5, steps(out, "softcap-blockwise", 1));
    assertEquals(3, steps(out, "own", 1));
    assertEquals(monitor.units, ablation.work());
    RunRecord own = runs(out).get("training-own-seed-2");
    assertEquals(Status.COMPLETE, own.getOutcome().getStatus());
    assertEquals(3, new RunView(own).curve(Measures.TRAINING_LOSS).orElseThrow().getYCount());
    assertTrue(own.getFactorsList().contains(Records.factor("learning_rate", "0.001")));
    assertTrue(
        runs(out)
            .get("training-softcap-eager-seed-2")
            .getFactorsList()
            .contains(Records.factor("learning_rate", "0.004")));
  }

  /** The control's 5 steps of 2 x 16 tokens are 10 of 1 x 16, and half of those of 2 x 32. */
  @Test
  void armsAreTrainedOnEquallyManyTokens() throws IOException {
    Path out = folder.resolve("out");
    String recipe =
        RECIPE
            .replace("seeds: [1, 2]", "basis: tokens\n  seeds: [1, 2]")
            .replace(
                "softcap + blockwise, attention: blockwise",
                "half, attention: eager, training: {batch: 1}")
            .replace(
                "softcap + sdpa, attention: sdpa",
                "long, attention: eager, training: {length: 32}");
    Counting monitor = new Counting();
    Ablation ablation = ablation(recipe, out, false);
    Path html = ablation.run(monitor);
    assertEquals(ablation.work(), monitor.units);
    assertEquals(5, steps(out, "softcap-eager", 1));
    assertEquals(10, steps(out, "half", 2));
    assertEquals(3, steps(out, "long", 1));
    String settings =
        runs(out).get("training-half-seed-1").getIdentity().getSettings().replace(" ", "");
    assertTrue(settings.contains("\"steps\":10"), settings);
    assertTrue(settings.contains("\"warmup_steps\":4"), settings);
    String report = Files.readString(html.resolveSibling("report.md"));
    assertTrue(report.contains("3 arms of tiny, 2 seeds each, equal tokens, "), report);
    assertTrue(report.contains("equal tokens, those of the control's 5 steps"), report);
  }

  /** What a step takes is measured once: a stopped run and other shards go on with it. */
  @Test
  void stepsOfEqualTimeStayWhatTheyWereMeasuredToBe() throws IOException {
    String recipe =
        RECIPE
            .replace("seeds: [1, 2]", "basis: time\n  seeds: [1, 2]")
            .replace("blockwise}", "blockwise, training: {length: 48}}");
    Path out = folder.resolve("out");
    Path file = Files.writeString(folder.resolve("given.yaml"), recipe);
    RecipeChoice choice = new RecipeChoice(Optional.of(file), false, List.of());
    assertTrue(
        String.join("\n", Ablation.dryRun(choice, out))
            .contains(
                "that of softcap + eager's 5 steps; how long a step takes is measured before"));
    Shard second = new Shard(2, 2);
    assertMessage(
        "shard 1/2 has not measured yet how long a step takes; start it first",
        () -> Ablation.of(choice, out, second, false, Products.measured(), PROVENANCE));

    Ablation first =
        Ablation.of(choice, out, new Shard(1, 2), false, Products.measured(), PROVENANCE);
    assertThrows(RunMonitor.Stopped.class, () -> first.run(new Counting(2)));
    Path runs = out.resolve("shards/1-of-2");
    RunRecord measured = runs(runs).get("step-softcap-blockwise");
    assertTrue(new RunView(measured).value(Measures.STEP_MEMORY) > 0);
    assertEquals(Status.REFUSED, status(runs(runs), "step-softcap-sdpa"));

    Counting monitor = new Counting();
    Ablation resumed =
        Ablation.of(choice, out, new Shard(1, 2), true, Products.measured(), PROVENANCE);
    resumed.run(monitor);
    assertEquals(resumed.work(), monitor.units);
    Ablation.of(choice, out, second, false, Products.measured(), PROVENANCE).run(new Counting());
    assertEquals(measured, runs(runs).get(measured.getId()));
    double eager = new RunView(runs(runs).get("step-softcap-eager")).value(Measures.STEP_TIME);
    double blockwise = new RunView(measured).value(Measures.STEP_TIME);
    int expected = (int) Math.round(5 * eager / blockwise);
    assertEquals(expected, steps(runs, "softcap-blockwise", 1));
    assertEquals(expected, steps(out.resolve("shards/2-of-2"), "softcap-blockwise", 2));
    String more = "  - {name: one more, attention: eager}\ntraining:";
    Files.writeString(file, recipe.replace("training:\n", more + "\n"));
    Ablation extended =
        Ablation.of(choice, out, new Shard(1, 2), true, Products.measured(), PROVENANCE);
    assertTrue(extended.work() > resumed.work());
    String report = Files.readString(out.resolve("report.md"));
    assertTrue(report.contains("equal time, that of the control's 5 steps"), report);
    assertFalse(report.contains("missing**"), report);
  }

  private static int steps(Path out, String arm, int seed) throws IOException {
    RunRecord run = runs(out).get("training-%s-seed-%d".formatted(arm, seed));
    return new RunView(run).curve(Measures.TRAINING_LOSS).orElseThrow().getYCount();
  }

  @Test
  void aDryRunSaysWhatWouldRunAndWritesNothing() throws IOException {
    Path out = folder.resolve("out");
    Path file = Files.writeString(folder.resolve("given.yaml"), RECIPE + TIMED);
    RecipeChoice choice = new RecipeChoice(Optional.of(file), false, List.of("training.steps=7"));
    String said = String.join("\n", Ablation.dryRun(choice, out));
    for (String part :
        List.of(
            "3 arms x 2 seeds x 7 steps = 42 steps of 2 x 16 tokens",
            "timing: 2 arms x 1 paths x 1 lengths = 2 cells of 5 samples",
            "memory: up to about ",
            "refused: the training step of softcap + sdpa, 2 x 16 tokens: ",
            "MiB of the control's weights",
            "a few steps of softcap + eager just now",
            "nothing was written")) {
      assertTrue(said.contains(part), part + " is not in " + said);
    }
    assertFalse(Files.exists(out));
    Ablation stopped = ablation(RECIPE, out, false);
    assertThrows(RunMonitor.Stopped.class, () -> stopped.run(new Counting(6)));
    assertTrue(
        String.join("\n", Ablation.dryRun(choice, out)).contains("at the rate of the runs in "));
  }

  @Test
  void aPilotOfOneArmAndOneSeedDrawsNoConclusion() throws IOException {
    Path out = folder.resolve("out");
    String recipe =
        (RECIPE + TIMED.replace("[softcap + eager, softcap + sdpa]", "[softcap + eager]"))
                .replace("  - {name: softcap + blockwise, attention: blockwise}\n", "")
                .replace("  - {name: softcap + sdpa, attention: sdpa}\n", "")
                .replace("seeds: [1, 2]", "seeds: [1]")
            + "pilot: true\n";
    ablation(recipe, out, false).run(new Counting());
    String report = Files.readString(out.resolve("report.md"));
    assertTrue(report.contains("This is a pilot"), report);
    assertFalse(report.contains("Main effects on"), report);
    assertFalse(report.contains("as a multiple of"), report);
  }

  /** It is what the study began with, whatever is asked for when it goes on. */
  @Test
  void allRunsOfAStudyHaveOneChoiceOfProducts() throws IOException {
    Path out = folder.resolve("out");
    Path file =
        Files.writeString(
            folder.resolve("given.yaml"),
            RECIPE + TIMED.lines().skip(1).collect(Collectors.joining("\n")));
    RecipeChoice choice = new RecipeChoice(Optional.of(file), false, List.of());
    Products transposed = Products.parse("transposed");
    Ablation begun = Ablation.of(choice, out, Shard.WHOLE, false, transposed, PROVENANCE);
    assertThrows(RunMonitor.Stopped.class, () -> begun.run(new Counting(7)));
    assertMessage(
        "was begun with products transposed and not widened",
        () -> Ablation.of(choice, out, Shard.WHOLE, true, Products.parse("widened"), PROVENANCE));
    Ablation.of(choice, out, true, PROVENANCE).run(new Counting());
    Map<String, RunRecord> runs = runs(out);
    for (String id :
        List.of(
            "training-softcap-eager-seed-1",
            "training-softcap-eager-seed-2",
            "step-softcap-eager",
            "agreement-softcap-eager-graph-float32")) {
      RunRecord run = runs.get(id);
      assertTrue(run != null, id + " is none of " + runs.keySet());
      assertTrue(
          run.getExecution().getProductsList().stream()
              .anyMatch(product -> product.getKernel().equals("transposed")),
          run::toString);
      assertTrue(
          run.getExecution().getNotesList().stream()
              .anyMatch(note -> note.contains(" transposed (float32 ")),
          run::toString);
    }
  }

  @Test
  void refusesAFolderThatIsTakenAndAnotherRecipe() throws IOException {
    Path out = folder.resolve("out");
    assertMessage("nothing to resume", () -> ablation(RECIPE, out, true));
    Ablation ablation = ablation(RECIPE, out, false);
    assertThrows(RunMonitor.Stopped.class, () -> ablation.run(new Counting(3)));
    assertMessage("is not empty; give --resume", () -> ablation(RECIPE, out, false));
    assertMessage(
        "1 of 1 records was made with other settings than the recipe has now: steps 5, now 6; resume it"
            + " with the recipe as it was",
        () -> ablation(RECIPE.replace("steps: 5", "steps: 6"), out, true));
    Path other = folder.resolve("other");
    Files.createDirectories(other);
    Files.writeString(other.resolve("mine.txt"), "mine");
    assertMessage("is not empty", () -> ablation(RECIPE, other, false));
    Path empty = Files.createDirectories(folder.resolve("empty"));
    Files.copy(out.resolve("recipe.yaml"), empty.resolve("recipe.yaml"));
    assertMessage("no complete run", () -> Ablation.report(empty, _ -> {}));
  }

  private static void assertMessage(
      String part, org.junit.jupiter.api.function.Executable refused) {
    InvalidInput refusal = assertThrows(InvalidInput.class, refused);
    assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
  }

  private Ablation ablation(String recipe, Path out, boolean resume) throws IOException {
    Path file = Files.writeString(folder.resolve("given.yaml"), recipe);
    return Ablation.of(
        new RecipeChoice(Optional.of(file), false, List.of()), out, resume, PROVENANCE);
  }

  /** Trains, and stops before a step is run in a process of its own. */
  private static void train(Ablation ablation) {
    assertThrows(RunMonitor.Stopped.class, () -> ablation.run(new Counting(true)));
  }

  private static Map<String, RunRecord> runs(Path out) throws IOException {
    return RunRecords.readAll(out.resolve("runs")).stream()
        .collect(Collectors.toMap(RunRecord::getId, Function.identity()));
  }

  private static Status status(Map<String, RunRecord> runs, String id) {
    return runs.get(id).getOutcome().getStatus();
  }

  /** Breaks what is named, in the step of that number. */
  private static final class Breaking implements RunMonitor {
    private final String named;
    private final int step;
    private String now = "";
    private int steps;
    private long units;

    Breaking(String named, int step) {
      this.named = named;
      this.step = step;
    }

    @Override
    public void worked(long done) {
      units += done;
      if (now.equals(named) && done == 1 && ++steps == step) {
        throw new IllegalStateException("the device is gone");
      }
    }

    @Override
    public void now(String what) {
      now = what;
    }

    @Override
    public void check() {}
  }
}
