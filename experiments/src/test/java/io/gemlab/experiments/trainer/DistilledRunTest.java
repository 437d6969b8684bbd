package io.gemlab.experiments.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.SilentMonitor;
import io.gemlab.experiments.distill.TeacherFileWriter;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.trainer.TrainRunTest.Watcher;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.text.ByteTokenizer;
import io.gemlab.graph.generate.LoadOptions;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.weights.LoadProgress;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A teacher is trained, scores the rows of a recipe, and a student learns of what it said. */
final class DistilledRunTest {
  private static final String RECIPE =
      """
      preset: tiny
      config: {num_hidden_layers: 2, hidden_size: 32, intermediate_size: 64, head_dim: 8}
      training:
        corpus: %s
        batch: 2
        length: 16
        steps: 5
        warmup_steps: 2
        diagnose_every: 0
        path: graph
        validation_sequences: 4
        evaluate_every: 4
      checkpoints: {every: 2, keep: 2}
      samples: {prompts: []}
      """;

  private static final int VOCABULARY = 260;

  @TempDir private static Path shared;
  private static Path recipe;
  private static Path teacher;

  @TempDir private Path folder;
  private Path file;

  @BeforeAll
  static void trainATeacher() throws IOException {
    Path text = shared.resolve("text.txt");
    Files.writeString(text, "To be, or not to be, that is it. ".repeat(30));
    recipe = shared.resolve("recipe.yaml");
    Files.writeString(recipe, RECIPE.formatted(text));
    Path run = shared.resolve("teacher");
    train(run, false, "training.steps=12", "training.learning_rate=1e-2");
    teacher = run.resolve("checkpoints/last");
  }

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("teacher.safetensors");
  }

  /** From the teacher's own weights: rounding is all there is to learn, whatever is kept. */
  @Test
  void ofItselfAModelLearnsNothing() throws IOException {
    String usual = metrics(trained("plain", "checkpoint")).getFirst().path("grad_norm").asText();
    for (int k : new int[] {3, VOCABULARY}) {
      Files.deleteIfExists(file);
      score(k, 1);
      ObjectNode first = metrics(trained("k" + k, "checkpoint", taught())).getFirst();
      assertEquals(0, first.path("loss").asDouble(), 1e-4, "k " + k);
      assertTrue(
          first.path("grad_norm").asDouble() < 2e-2 * Double.parseDouble(usual), first::toString);
    }
  }

  @Test
  void aStudentGoesOnToTheSameNumbersFromWhereItWasStopped() throws IOException {
    score(4, 2);
    String[] changes = {taught(), "distill.temperature=2", "distill.ce_weight=0.25"};
    Path whole = folder.resolve("whole");
    train(whole, false, changes);
    Path out = folder.resolve("stopped");
    assertThrows(RunMonitor.Stopped.class, () -> run(out, false, new Watcher(3), changes));
    train(out, true, changes);
    assertEquals(TrainRunTest.numbers(whole), TrainRunTest.numbers(out));

    String report = Files.readString(whole.resolve("report.md"));
    assertTrue(report.contains("Distillation"), report);
    assertTrue(report.contains("4 of 260 tokens at temperature 2.0 by"), report);
    // Whoever validates compares with runs without a teacher.
    assertEquals(
        evaluations(trained("plain", "preset")).getFirst().get("validation_loss"),
        evaluations(whole).getFirst().get("validation_loss"));

    Files.delete(file);
    score(5, 2);
    refused(
        out,
        true,
        "is another teacher's than the run began with",
        with(changes, "training.steps=9"));
  }

  /**
   * Steps cut into micro-batches and rows cut for the loss; documents that don't see each other.
   */
  @Test
  void positionsOfTheFileAreThoseOfTheBatchHoweverItIsCut() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 40; i++)
      lines.add("{\"text\": \"%s\"}".formatted("abcdefgh".repeat(1 + i % 3)));
    Path corpus = shared.resolve("documents.jsonl");
    Files.write(corpus, lines);
    String[] data = {
      "training.corpus=" + corpus + ":text", "training.rows=documents", "training.length=32"
    };
    score(6, 1, data);
    Path whole = folder.resolve("whole");
    train(whole, false, with(data, taught()));
    Path cut = folder.resolve("cut");
    train(cut, false, with(data, taught(), "training.accumulate=2", "training.loss_pieces=4"));
    List<ObjectNode> one = metrics(whole);
    List<ObjectNode> two = metrics(cut);
    for (int i = 0; i < one.size(); i++) {
      assertEquals(one.get(i).get("batch_sha256"), two.get(i).get("batch_sha256"));
      assertEquals(one.get(i).get("loss").asDouble(), two.get(i).get("loss").asDouble(), 1e-4);
    }
    ObjectNode first = metrics(trained("own", "checkpoint", with(data, taught()))).getFirst();
    assertEquals(0, first.path("loss").asDouble(), 1e-4);
  }

  /** A batch that the rows don't fill, and a stop between two. */
  @Test
  void aTeacherGoesOnWhereItWasStopped() throws IOException {
    score(4, 1, "training.batch=7");
    byte[] whole = Files.readAllBytes(file);
    Files.delete(file);
    RunMonitor once =
        new SilentMonitor() {
          private int batches;

          @Override
          public void check() {
            if (batches++ == 1) throw new Stopped();
          }
        };
    assertThrows(RunMonitor.Stopped.class, () -> score(once, false, 4, 1, "training.batch=7"));
    assertFalse(Files.exists(file));
    refusedTeacher("temperature was \"1.0\" and is \"2.0\" now", true, 4, 2, "training.batch=7");
    score(new SilentMonitor(), true, 4, 1, "training.batch=7");
    assertArrayEquals(whole, Files.readAllBytes(file));
    assertFalse(Files.exists(TeacherFileWriter.partial(file)));
  }

  @Test
  void aTeacherThatCannotScoreIsRefused() {
    refusedTeacher("top-k is 261, and the teacher's vocabulary has 260", false, 261, 1);
    refusedTeacher("rows have 2000 tokens, and", false, 4, 1, "training.length=2000");
    assertFalse(Files.exists(TeacherFileWriter.partial(file)));
  }

  @Test
  void aStudentOfAnotherKindIsRefusedByName() throws IOException {
    score(4, 1);
    Path out = folder.resolve("out");
    refused(
        out,
        false,
        "has vocab_size 260 and the student 300; take a teacher of the student's vocabulary",
        taught(),
        "config.vocab_size=300");
    refused(
        out,
        false,
        "has final_logit_softcapping 30.0 and the student none; give config:",
        taught(),
        "config.final_logit_softcapping=null");
    refused(out, false, "has attn_logit_softcapping", taught(), "config.attn_logit_softcapping=10");
    refused(
        out, false, "has max_position_embeddings", taught(), "config.max_position_embeddings=16");
    refused(out, false, "has tokenizer_sha256", taught(), "training.tokenizer=" + otherTokenizer());
    refused(
        out,
        false,
        "was made at temperature 1.0 and the recipe's is 2.0",
        taught(),
        "distill.temperature=2");
    refused(
        out,
        false,
        "rows of 16 tokens, and the recipe's data has",
        taught(),
        "training.validation_fraction=0.3");
    refused(out, false, "is of other data", taught(), "training.corpus=" + otherText());
    refused(
        out,
        false,
        "\"vocab_size\" is not known",
        taught(),
        "distill.allow_differences=[vocab_size]");
    refused(
        out, false, "ce_weight is 2.0; give a number from 0 to 1", taught(), "distill.ce_weight=2");
    refused(out, false, "beta is 0.5 and teacher a file", taught(), "distill.beta=0.5");
    refused(
        out, false, "there are teacher and checkpoint", taught(), "distill.checkpoint=" + teacher);
    assertFalse(Files.exists(out));
    train(
        out,
        false,
        taught(),
        "config.final_logit_softcapping=null",
        "distill.allow_differences=[final_logit_softcapping]");
    assertEquals(5, metrics(out).size());
  }

  @Test
  void aTeacherThatIsNotThereYetIsRefusedWithTheCommandThatMakesIt() {
    String recipeHere = recipe.toString();
    refused(
        folder.resolve("out"),
        false,
        "distill.teacher is %s, which does not exist; make it of a teacher's folder and a K: gemlab teacher --checkpoint TEACHER --data %s --set training.batch=4 --set 'name=it'\\''s mine' --temperature 2.0 --top-k K --out %1$s"
            .formatted(file, recipeHere),
        taught(),
        "training.batch=4",
        "name=it's mine",
        "distill.temperature=2");
  }

  /** From the teacher's own weights, on what it writes itself, there is nothing to learn. */
  @Test
  void onlineAModelLearnsNothingOfItself() throws IOException {
    for (String beta : List.of("0", "0.5", "1")) {
      Path out =
          trained("beta" + beta, "checkpoint", online("distill.beta=" + beta, "training.steps=3"));
      ObjectNode first = metrics(out).getFirst();
      assertEquals(0, first.path("loss").asDouble(), 1e-5, "beta " + beta);
      // Two rows of 16 tokens, of which 4 are the prompt: 6 are written, or fewer where one ends.
      assertTrue(first.path("tokens").asInt() <= 12, first::toString);
    }
  }

  @Test
  void onlineAStudentGoesOnToTheSameNumbersFromWhereItWasStopped() throws IOException {
    String[] changes =
        online(
            "distill.lambda=0.5", "distill.beta=0.3", "training.steps=4", "training.loss_pieces=2");
    Path whole = folder.resolve("whole");
    train(whole, false, changes);
    Path out = folder.resolve("stopped");
    assertThrows(RunMonitor.Stopped.class, () -> run(out, false, new Watcher(2), changes));
    train(out, true, changes);
    assertEquals(TrainRunTest.numbers(whole), TrainRunTest.numbers(out));
    assertTrue(Files.readString(whole.resolve("report.md")).contains("the data's own"));

    Path cut = folder.resolve("cut");
    train(cut, false, with(changes, "training.accumulate=2", "training.steps=3"));
    ObjectNode one = metrics(whole).getFirst();
    ObjectNode two = metrics(cut).getFirst();
    assertEquals(one.get("batch_sha256"), two.get("batch_sha256"));
    assertEquals(one.get("loss").asDouble(), two.get("loss").asDouble(), 1e-4);
  }

  /** Sequence-level: what the teacher writes is the label. */
  @Test
  void theTeachersCompletionsAreLabels() throws IOException {
    String[] changes =
        online(
            "distill.lambda=0",
            "distill.off_policy=teacher",
            "distill.ce_weight=1",
            "distill.sampling_temperature=0");
    List<ObjectNode> steps = metrics(trained("student", "preset", changes));
    assertEquals(Math.log(VOCABULARY), steps.getFirst().path("loss").asDouble(), 0.5);
    double own = metrics(trained("own", "checkpoint", changes)).getFirst().path("loss").asDouble();
    // Greedy completions of the teacher: it finds them likelier than a student that knows nothing.
    assertTrue(own < steps.getFirst().path("loss").asDouble() - 1, "loss " + own);
  }

  /** Labels are all of its loss: the student's step has nothing of the teacher. */
  @Test
  void aTeacherThatOnlyWritesScoresNothing() {
    TrainRecipe labels =
        TrainRecipeFile.read(recipe, List.of(online("distill.ce_weight=1"))).recipe();
    TrainRecipe taught =
        TrainRecipeFile.read(recipe, List.of(online("distill.ce_weight=0.9"))).recipe();
    assertEquals(new NextTokenLoss(1), labels.loss());
    assertFalse(hasTeacher(labels));
    assertTrue(hasTeacher(taught));
  }

  private static boolean hasTeacher(TrainRecipe recipe) {
    return TrainPrograms.step(recipe).state().stream()
        .anyMatch(state -> state.role().equals(Optional.of(StateRole.TEACHER)));
  }

  /** One that nobody asks: it isn't even loaded, or its broken weights would be refused. */
  @Test
  void aTeacherThatNeitherScoresNorWritesIsNotLoaded() throws IOException {
    Path broken = folder.resolve("broken");
    Files.createDirectories(broken);
    try (var files = Files.list(teacher)) {
      for (Path each : files.toList()) Files.copy(each, broken.resolve(each.getFileName()));
    }
    Path weights = broken.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) -1);
    Files.write(weights, bytes);
    String[] asked =
        online("distill.checkpoint=" + broken, "distill.lambda=0.5", "training.steps=2");
    refused(folder.resolve("asked"), false, "holds NaN at", asked);
    Path out = folder.resolve("out");
    train(out, false, with(asked, "distill.ce_weight=1"));
    assertEquals(2, metrics(out).size());
  }

  /** Of a file, too: the labels' loss, and the file's rows are still held against the data. */
  @Test
  void aFileThatNothingIsTakenOfLeavesTheLabels() throws IOException {
    score(4, 1);
    List<ObjectNode> labels = metrics(trained("labels", "preset", taught(), "distill.ce_weight=1"));
    List<ObjectNode> plain = metrics(trained("plain", "preset"));
    assertEquals(plain.getLast().get("loss"), labels.getLast().get("loss"));
  }

  @Test
  void whatCannotBeTaughtOnlineIsRefused() {
    Path out = folder.resolve("out");
    refused(out, false, "rows: documents packs several", online("training.rows=documents"));
    refused(
        out, false, "layers is scanned", online("training.layers=scanned", "training.remat=layer"));
    refused(out, false, "lambda is 2.0", online("distill.lambda=2"));
    refused(out, false, "has vocab_size 260 and the student 300", online("config.vocab_size=300"));
    refused(
        out, false, "none/config.json does not exist", with(online(), "distill.checkpoint=none"));
    assertFalse(Files.exists(out));
  }

  private static String[] online(String... more) {
    return with(
        new String[] {
          "distill.checkpoint=" + teacher, "distill.prompt_tokens=4", "distill.new_tokens=6"
        },
        more);
  }

  /** As long as the other, letter for letter another. */
  private static Path otherText() throws IOException {
    return Files.writeString(
        shared.resolve("other.txt"), "Or not to be, to be, that is it. ".repeat(30));
  }

  /** The same to people, and another file. */
  private static Path otherTokenizer() throws IOException {
    return Files.writeString(shared.resolve("tokenizer.json"), ByteTokenizer.json() + "\n");
  }

  private String taught() {
    return "distill.teacher=" + file;
  }

  private static String[] with(String[] changes, String... more) {
    List<String> all = new ArrayList<>(List.of(changes));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private void score(int k, double temperature, String... changes) throws IOException {
    score(new SilentMonitor(), false, k, temperature, changes);
  }

  private void score(
      RunMonitor monitor, boolean resume, int k, double temperature, String... changes)
      throws IOException {
    LoadOptions options =
        LoadOptions.defaults().withPrecision(Precision.FLOAT32).withPath(new GraphPath());
    try (TeacherRun run =
        TeacherRun.of(
            new TeacherRun.Request(
                teacher,
                recipe,
                List.of(changes),
                k,
                temperature,
                options,
                Products.TENSORFLOW,
                file,
                resume))) {
      run.run(monitor, LoadProgress.IGNORED);
    }
  }

  private void refusedTeacher(
      String message, boolean resume, int k, double temperature, String... changes) {
    InvalidInput refusal =
        assertThrows(
            InvalidInput.class, () -> score(new SilentMonitor(), resume, k, temperature, changes));
    assertTrue(refusal.getMessage().contains(message), refusal::getMessage);
  }

  /** A run that begins with the teacher's weights, or with fresh ones. */
  private Path trained(String name, String from, String... changes) throws IOException {
    Path out = folder.resolve(name);
    if (from.equals("preset")) {
      train(out, false, changes);
      return out;
    }
    Path own = folder.resolve(name + ".yaml");
    Files.writeString(
        own,
        Files.readString(recipe)
            .replaceFirst("preset: tiny\nconfig: .*\n", "checkpoint: " + teacher + "\n"));
    run(own, out, false, new Watcher(Integer.MAX_VALUE), changes);
    return out;
  }

  private static void train(Path out, boolean resume, String... changes) throws IOException {
    run(out, resume, new Watcher(Integer.MAX_VALUE), changes);
  }

  private static void run(Path out, boolean resume, RunMonitor monitor, String... changes)
      throws IOException {
    run(recipe, out, resume, monitor, changes);
  }

  private static void run(
      Path from, Path out, boolean resume, RunMonitor monitor, String... changes)
      throws IOException {
    try (TrainRun run =
        TrainRun.of(from, List.of(changes), out, resume, Provenance.getDefaultInstance())) {
      run.run(monitor, TrainRunTest.PRODUCT_RATE);
    }
  }

  private static void refused(Path out, boolean resume, String message, String... changes) {
    InvalidInput refusal = assertThrows(InvalidInput.class, () -> train(out, resume, changes));
    assertTrue(refusal.getMessage().contains(message), refusal::getMessage);
    assertEquals(1, refusal.getMessage().lines().count());
  }

  private static List<ObjectNode> metrics(Path out) {
    return JsonLog.read(out.resolve("metrics.jsonl"));
  }

  private static List<ObjectNode> evaluations(Path out) {
    return JsonLog.read(out.resolve("evaluations.jsonl"));
  }
}
