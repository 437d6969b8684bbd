package io.gemlab.experiments.ablate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SilentMonitor;
import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.ablate.recipe.RecipeChoice;
import io.gemlab.experiments.ablate.run.Shard;
import io.gemlab.experiments.run.FolderLock;
import io.gemlab.experiments.run.ReportWriter;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.graph.base.files.TemporaryFolder;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.path.product.Products;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.RunRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A report is of its recipe's runs, whatever happened to the folder. */
class AblationFolderTest {
  private static final String ARMS =
      """
      arms:
        - {name: control, attention: eager}
        - {name: window 4, attention: eager, config: {sliding_window: 4}}
      """;

  private static final String RECIPE =
      """
      name: small
      question: Does it hold?
      preset: tiny
      config: %s
      %straining:
        path: graph
        corpus: %%s
        seeds: [1, 2]
        steps: 4
        warmup_steps: 1
        batch: 2
        length: 16
        learning_rate: 0.004
        validation_sequences: 4
        evaluate_every: 2
      """
          .formatted(SmallModel.OVERLAY, ARMS);

  private static final String TIMING =
      "timing: {arms: [control], paths: [graph], lengths: [16], batch: 1, samples: 5}\n";

  private static final String CONTROL_1 = "training-control-seed-1.run.pb";
  private static final String WINDOW_2 = "training-window-4-seed-2.run.pb";
  private static final String WHOLE = "Every run was completed, and ran as requested.";

  /** A finished study, of which each test gets a copy. */
  @TempDir static Path made;

  private static String recipe;

  @TempDir Path folder;

  private final List<String> said = new ArrayList<>();
  private Path out;

  @BeforeAll
  static void make() throws IOException {
    Path corpus = made.resolve("corpus.txt");
    Files.writeString(corpus, "To be, or not to be, that is the question. ".repeat(60));
    recipe = RECIPE.formatted(corpus);
    Path file = Files.writeString(made.resolve("given.yaml"), recipe);
    Ablation.of(
            new RecipeChoice(Optional.of(file), false, List.of()),
            made.resolve("out"),
            false,
            provenance("a"))
        .run(new Quiet());
  }

  @BeforeEach
  void copied() throws IOException {
    out = folder.resolve("out");
    copy(made.resolve("out"), out);
  }

  @Test
  void aWholeStudySaysNothingButItsFindings() throws IOException {
    assertTrue(report().contains(WHOLE));
    assertEquals(List.of(), said);
  }

  @Test
  void aMissingRunIsSaidWithTheCommandThatMakesIt() throws IOException {
    Files.delete(record(CONTROL_1));
    String report = report();
    String command = "gemlab ablate %s/recipe.yaml --out %1$s --resume".formatted(out);
    assertEquals(
        List.of("1 of 6 runs is missing: control, seed 1; " + command + " makes it."), said);
    assertTrue(report.contains("**1 of 6 runs is missing**: control, seed 1; `" + command + "`"));
    assertFalse(report.contains(WHOLE));
    ablation(recipe, true).run(new Quiet());
    assertSameLosses(CONTROL_1);
  }

  @Test
  void recordsOfOtherSettingsAreRefused() throws IOException {
    Path saved = out.resolve("recipe.yaml");
    String before = Files.readString(saved);
    Files.writeString(
        saved,
        before
            .replace("steps: 4", "steps: 5000")
            .replace("learning_rate: 0.004", "learning_rate: 0.1")
            .replace("dtype: float32", "dtype: bfloat16"));
    String difference =
        "6 of 6 records were made with other settings than the recipe has now: model.dtype"
            + " \"float32\", now \"bfloat16\" | learning_rate 0.004, now 0.1; model.dtype"
            + " \"float32\", now \"bfloat16\"; steps 4, now 5000; ";
    assertRefused(difference + "make " + saved + " what it was", this::report);
    Files.delete(record(CONTROL_1));
    assertRefused("5 of 5 records were made with", () -> ablation(Files.readString(saved), true));
    assertFalse(Files.exists(record(CONTROL_1)));
  }

  @Test
  void aRecordUnderAnothersNameIsLeftOutAndMadeAgain() throws IOException {
    Files.copy(record(CONTROL_1), record(WINDOW_2), StandardCopyOption.REPLACE_EXISTING);
    assertFalse(report().contains(WHOLE));
    assertTrue(
        said.getFirst().startsWith("1 of 6 runs is missing: window 4, seed 2; "), said::toString);
    assertEquals(
        "1 file is left out (the record of another run than the name says): %s; --resume sets it aside."
            .formatted(record(WINDOW_2)),
        said.getLast());
    resumed("is the record of training-control-seed-1: set aside as " + WINDOW_2 + ".misplaced");
    assertSameLosses(WINDOW_2);
  }

  @Test
  void aDamagedRecordIsLeftOutAndMadeAgain() throws IOException {
    byte[] whole = Files.readAllBytes(record(CONTROL_1));
    for (byte[] damaged :
        List.of(new byte[0], Arrays.copyOf(whole, 700), flipped(whole), new byte[] {1, 2, 3})) {
      Files.write(record(CONTROL_1), damaged);
      assertFalse(report().contains(WHOLE));
      assertTrue(said.getLast().contains("(damaged): " + record(CONTROL_1)), said::toString);
      resumed(record(CONTROL_1) + " is damaged: set aside as " + CONTROL_1 + ".damaged");
      assertSameLosses(CONTROL_1);
    }
    try (Stream<Path> files = Files.list(out.resolve("runs"))) {
      assertEquals(4, files.filter(file -> file.toString().contains(".damaged")).count());
    }
  }

  private static byte[] flipped(byte[] bytes) {
    byte[] flipped = bytes.clone();
    flipped[200] ^= 8;
    return flipped;
  }

  /** Nor does it matter that the question is another. */
  @Test
  void aFinishedStudyTakesMoreSeedsArmsAndLengths() throws IOException {
    byte[] before = Files.readAllBytes(record(CONTROL_1));
    String more =
        recipe
                .replace("seeds: [1, 2]", "seeds: [1, 2, 3]")
                .replace("Does it hold?", "Does it hold with more?")
                .replace(
                    "training:",
                    "  - {name: no cap, attention: eager, config: {attn_logit_softcapping: null}}\n"
                        + "training:")
            + TIMING;
    ablation(more, true).run(new Quiet());
    ablation(more.replace("lengths: [16]", "lengths: [16, 32]"), true).run(new Quiet());
    assertArrayEquals(before, Files.readAllBytes(record(CONTROL_1)));
    String report = report();
    assertTrue(report.contains(WHOLE) && report.contains("Does it hold with more?"));
    assertEquals(14, RunRecords.readAll(out.resolve("runs")).size());
    assertEquals(List.of(), said);

    assertRefused("doesn't ask for step-no-cap", () -> ablation(recipe, true));
    Files.writeString(out.resolve("recipe.yaml"), recipe);
    assertFalse(report().contains("no cap"));
    assertTrue(said.getFirst().startsWith("8 files are left out (of runs that the recipe"));
  }

  @Test
  void theFirstArmAndSeedStayTheFirst() {
    assertRefused(
        "holds weights of control, seed 1, and this recipe begins with control, seed 3",
        () -> ablation(recipe.replace("seeds: [1, 2]", "seeds: [3, 1, 2]"), true));
  }

  @Test
  void textIsKnownByWhatItSays() throws IOException {
    Path corpus = made.resolve("corpus.txt");
    Path moved = Files.copy(corpus, folder.resolve("moved.txt"));
    ablation(recipe.replace(corpus.toString(), moved.toString()), true).run(new Quiet());
    assertTrue(report().contains(WHOLE));
    Files.writeString(moved, "That is not the question. ".repeat(80));
    assertRefused(
        "the text of corpus " + corpus + ", SHA-256 ",
        () -> ablation(recipe.replace(corpus.toString(), moved.toString()), true));
  }

  @Test
  void whatKilledProcessesLeftIsSwept() throws IOException {
    Path state = out.resolve("runs/.training-control-seed-1.state.safetensors.partial-0123abcd");
    Path checkpoint = out.resolve(".checkpoint.partial-0123abcd");
    Files.writeString(state, "half");
    Files.writeString(Files.createDirectory(checkpoint).resolve("model.safetensors"), "half");
    ablation(recipe, true).run(new Quiet());
    assertFalse(Files.exists(state) || Files.exists(checkpoint));
  }

  @Test
  void otherCodeAndOtherMachinesAreSaid() throws IOException {
    RunRecord record = RunRecords.read(record(CONTROL_1));
    ReportWriter.write(
        out.resolve("runs"),
        RunRecords.seal(record.toBuilder().setProvenance(provenance("b")).build()));
    assertTrue(report().contains(WHOLE));
    assertEquals(
        List.of(
            "The records were made by 2 states of the code: test at commit a (5), test at commit b"
                + " (1); what differs between their runs may be the code's doing."),
        said);
  }

  @Test
  void weightsThatAreGoneAreTrainedAgainWhereTheyAreNeeded() throws IOException {
    TemporaryFolder checkpoint = new TemporaryFolder(out.resolve("checkpoint"));
    checkpoint.close();
    ablation(recipe, true).run(new Quiet());
    assertFalse(Files.exists(checkpoint.path()));
    String more = recipe + "agreement: {paths: [graph], dtypes: [float32], rows: 1, length: 16}\n";
    ablation(more, true).run(new Quiet());
    assertTrue(report().contains(WHOLE));
    assertEquals(8, RunRecords.readAll(out.resolve("runs")).size());
    assertSameLosses(CONTROL_1);
  }

  @Test
  void oneProcessHasTheFolder() throws IOException {
    Ablation ablation = ablation(recipe, true);
    try (FolderLock _ = FolderLock.take(out)) {
      String process = "process " + ProcessHandle.current().pid() + " on ";
      assertRefused(out + " is in use by " + process, () -> ablation.run(new Quiet()));
    }
    ablation.run(new Quiet());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "warmup_steps: 1 | warmup_steps: 9 | training: warmup_steps is 9 of 4 steps",
        "batch: 2 | batch: 400 | training: validation has 4 sequences, less than a batch of 400",
        "length: 16 | length: 9999 | too few for training and validation",
        "corpus: | corpus: nowhere/ # | nowhere does not exist",
        "name: window 4, attention: eager | name: CONTROL, attention: eager | have records of one name",
        "{name: control, attention: eager} | {name: control, attention: sdpa} | \"control\" is the control",
        "sliding_window: 4} | vocab_size: 200} | the model's vocab_size is 200"
      })
  void whatARecipeCantDoIsFoundBeforeTheFolder(String good, String bad, String message)
      throws IOException {
    out = folder.resolve("new");
    assertTrue(recipe.contains(good), good);
    InvalidInput refusal =
        assertThrows(InvalidInput.class, () -> ablation(recipe.replace(good, bad), false));
    assertTrue(refusal.getMessage().contains(message), refusal::getMessage);
    assertTrue(refusal.getMessage().startsWith(given() + ": "), refusal::getMessage);
    assertFalse(Files.exists(out));
  }

  /** An earlier version left it where it refused late. */
  @Test
  void aRecipeAloneIsNothingDone() throws IOException {
    out = folder.resolve("new");
    Files.createDirectories(out.resolve("runs"));
    Files.writeString(out.resolve("recipe.yaml"), recipe.replace("steps: 4", "steps: 5"));
    ablation(recipe, false);
    ablation(recipe, true);
    assertThrows(RunMonitor.Stopped.class, () -> ablation(recipe, false).run(new Stopping()));
    assertTrue(Files.readString(out.resolve("recipe.yaml")).contains("steps: 4"));
  }

  @Test
  void shardsTogetherAreTheStudy() throws IOException {
    out = folder.resolve("sharded");
    shard(1, false).run(new Quiet(said));
    String command =
        "gemlab ablate %s/shards/1-of-2/recipe.yaml --out %1$s --shard 2/2".formatted(out);
    assertEquals(
        List.of(
            "2 of 6 runs are missing: control, seed 2; window 4, seed 2; "
                + command
                + " makes them."),
        said);
    shard(2, false).run(new Quiet());
    Files.delete(record("shards/2-of-2/runs/", WINDOW_2));
    said.clear();
    report();
    assertTrue(said.getFirst().endsWith(command + " --resume makes it."), said::toString);
    shard(2, true).run(new Quiet());
    said.clear();
    assertTrue(report().contains(WHOLE));
    assertEquals(List.of(), said);
    for (String name : List.of(CONTROL_1, WINDOW_2)) {
      String shard = name.equals(CONTROL_1) ? "shards/1-of-2/runs/" : "shards/2-of-2/runs/";
      assertEquals(
          RunRecords.read(made.resolve("out/runs").resolve(name)).getSeriesList(),
          RunRecords.read(record(shard, name)).getSeriesList());
    }

    Files.copy(record("shards/1-of-2/runs/", CONTROL_1), record("shards/2-of-2/runs/", CONTROL_1));
    report();
    assertTrue(said.getFirst().startsWith("1 file is left out (there twice): "), said::toString);
    assertRefused("holds shard 1/2; give one of 2 with --shard", () -> ablation(recipe, false));
    assertRefused("give as many shards as seeds, or fewer", () -> shard(3, 3, false));
  }

  private Ablation shard(int number, boolean resume) throws IOException {
    return shard(number, 2, resume);
  }

  private Ablation shard(int number, int count, boolean resume) throws IOException {
    Files.writeString(given(), recipe);
    return Ablation.of(
        new RecipeChoice(Optional.of(given()), false, List.of()),
        out,
        new Shard(number, count),
        resume,
        Products.measured(),
        provenance("a"));
  }

  private void resumed(String line) throws IOException {
    said.clear();
    ablation(recipe, true).run(new Quiet(said));
    assertEquals(1, said.size(), said::toString);
    assertTrue(said.getFirst().contains(line), said::toString);
    said.clear();
    assertTrue(report().contains(WHOLE));
  }

  private void assertSameLosses(String name) throws IOException {
    assertEquals(
        RunRecords.read(made.resolve("out/runs").resolve(name)).getSeriesList(),
        RunRecords.read(record(name)).getSeriesList());
  }

  private static void assertRefused(
      String part, org.junit.jupiter.api.function.Executable refused) {
    InvalidInput refusal = assertThrows(InvalidInput.class, refused);
    assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
  }

  private String report() throws IOException {
    said.clear();
    return Files.readString(Ablation.report(out, said::add).resolveSibling("report.md"));
  }

  private Path record(String name) {
    return record("runs/", name);
  }

  private Path record(String runs, String name) {
    return out.resolve(runs + name);
  }

  private Path given() {
    return folder.resolve("given.yaml");
  }

  private Ablation ablation(String text, boolean resume) throws IOException {
    Files.writeString(given(), text);
    return Ablation.of(
        new RecipeChoice(Optional.of(given()), false, List.of()), out, resume, provenance("a"));
  }

  private static Provenance provenance(String commit) {
    return Provenance.newBuilder()
        .setGemlabVersion("test")
        .setGitCommit(commit)
        .setCommand("./gemlab ablate given.yaml")
        .build();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList())
        Files.copy(file, to.resolve(from.relativize(file).toString()));
    }
  }

  /** Runs to the end. */
  private static class Quiet extends SilentMonitor {
    private final List<String> said;

    Quiet() {
      this(new ArrayList<>());
    }

    Quiet(List<String> said) {
      this.said = said;
    }

    @Override
    public void said(String line) {
      said.add(line);
    }
  }

  /** Stops at once. */
  private static final class Stopping extends Quiet {
    @Override
    public void check() {
      throw new Stopped();
    }
  }
}
