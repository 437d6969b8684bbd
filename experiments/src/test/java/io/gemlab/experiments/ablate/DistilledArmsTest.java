package io.gemlab.experiments.ablate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.recipe.RecipeChoice;
import io.gemlab.experiments.ablate.recipe.RecipeFile;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.cli.Gemlab;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.base.input.InvalidInput;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arms that learn of a teacher's file, beside arms that learn of labels. */
class DistilledArmsTest {
  private static final String TRAINING =
      """
        corpus: %s
        path: graph
        steps: 8
        warmup_steps: 2
        batch: 2
        length: 16
        weight_decay: 0.0
        validation_sequences: 4
        evaluate_every: 4
      """;
  private static final String SMALL =
      "{num_hidden_layers: 2, hidden_size: 32, intermediate_size: 64, head_dim: 8}";
  private static final String TRAIN =
      """
      preset: tiny
      config: %s
      training:
        diagnose_every: 0
      %ssamples: {prompts: []}
      """;
  private static final String ABLATE =
      """
      name: distilled
      question: Does a teacher help?
      preset: tiny
      config: %s
      arms:
        - {name: labels, attention: eager}
        - {name: smoothed, attention: eager, training: {label_smoothing: 0.2}}
        - {name: taught, attention: eager, training: {teacher: %s, ce_weight: 0.25}}
      training:
        seeds: [3, 4]
      %s
      """;

  @TempDir private static Path made;
  private static Path train;
  private static Path file;
  private static String recipe;
  private static Path out;

  @TempDir private Path folder;

  @BeforeAll
  static void make() throws IOException {
    Path corpus = text("text.txt", "To be, or not to be, that is it. ");
    train = made.resolve("train.yaml");
    Files.writeString(train, TRAIN.formatted(SMALL, TRAINING.formatted(corpus)));
    run("train", train, "--out", made.resolve("teacher"), "--set", "training.learning_rate=1e-2");
    file = teacherOf(train, "teacher.safetensors");
    recipe = ABLATE.formatted(SMALL, file, TRAINING.formatted(corpus));
    out = made.resolve("out");
    Ablation ablation = ablation(recipe, out, false);
    // It stops before a step is run in a process of its own.
    assertThrows(RunMonitor.Stopped.class, () -> ablation.run(new Counting(true)));
    assertEquals(List.of(), ablation.failures());
  }

  private static Path text(String name, String sentence) throws IOException {
    return Files.writeString(made.resolve(name), sentence.repeat(30));
  }

  private static Path teacherOf(Path data, String name) {
    Path written = made.resolve(name);
    Path checkpoint = made.resolve("teacher/checkpoints/last");
    run("teacher", "--checkpoint", checkpoint, "--data", data, "--top-k", 8, "--out", written);
    return written;
  }

  private static void run(Object... words) {
    Gemlab run = Gemlab.run(words);
    assertEquals(0, run.exitCode(), run::err);
  }

  /** The same weights, batches, loss and steps as of {@code gemlab train}. */
  @Test
  void armsLearnWhatTrainingRunsLearn() throws IOException {
    Map<String, String> asked =
        Map.of(
            "smoothed",
            "training.label_smoothing=0.2",
            "taught",
            "distill={teacher: " + file + ", ce_weight: 0.25}");
    for (String arm : asked.keySet()) {
      Path other = folder.resolve(arm);
      run(
          "train",
          train,
          "--out",
          other,
          "--set",
          asked.get(arm),
          "--set",
          "training.seed=3",
          "--set",
          "training.shuffle_seed=3");
      List<Float> losses = new ArrayList<>();
      for (String line : Files.readAllLines(other.resolve("metrics.jsonl"))) {
        losses.add(new JsonMapper().readTree(line).get("loss").floatValue());
      }
      RunView run = run(out, arm);
      assertEquals(
          losses,
          run.curve(Measures.TRAINING_LOSS).orElseThrow().getYList().stream()
              .map(Double::floatValue)
              .toList(),
          arm);
      assertTrue(
          Files.readString(other.resolve("evaluations.jsonl"))
              .contains("\"validation_loss\":" + (float) run.value(Measures.VALIDATION_LOSS)),
          arm);
    }
    assertNotEquals(
        run(out, "labels").value(Measures.VALIDATION_LOSS),
        run(out, "smoothed").value(Measures.VALIDATION_LOSS));
  }

  @Test
  void theReportSaysWhatIsLearnt() throws IOException {
    String report = Files.readString(Ablation.report(out, _ -> {}).resolveSibling("report.md"));
    assertTrue(report.contains("the teacher's file leaves out are one class"), report);
    assertTrue(report.contains("ce_weight 0.25"), report);
    assertTrue(report.contains("label_smoothing 0.2"), report);
  }

  /** Under equal FLOPs a teacher's forward pass counts, or what the recipe says it does. */
  @Test
  void equalFlopsCountTheTeacher() throws IOException {
    AblationRecipe equal = read(recipe.replace("seeds:", "basis: flops\n  seeds:"));
    Arm labels = equal.arm("labels");
    Arm taught = equal.arm("taught");
    // Forward is a third of training, and the teacher is as large as its student.
    assertEquals(4.0 / 3, taught.flopsAStepWithTeacher() / labels.flopsAStep(), 1e-9);
    assertEquals(Math.round(labels.training().steps() * 0.75), taught.training().steps());
    assertEquals(labels.training().steps(), equal.arm("smoothed").training().steps());
    AblationRecipe paid =
        read(
            recipe
                .replace("seeds:", "basis: flops\n  seeds:")
                .replace("ce_weight: 0.25", "ce_weight: 0.25, teacher_flops: 0"));
    assertEquals(labels.training().steps(), paid.arm("taught").training().steps());
  }

  private AblationRecipe read(String text) throws IOException {
    return RecipeFile.read(Files.writeString(folder.resolve("read.yaml"), text)).recipe();
  }

  /** The report needs no teacher's file; whoever goes on does, and the same. */
  @Test
  void theFileIsKnownByWhatItSays() throws IOException {
    Path away = made.resolve("away");
    Files.move(file, away);
    try {
      Ablation.report(out, _ -> {});
      refused(recipe, out, true, file + " does not exist");
      run(
          "teacher",
          "--checkpoint",
          made.resolve("teacher/checkpoints/last"),
          "--data",
          train,
          "--top-k",
          9,
          "--out",
          file);
      refused(recipe, out, true, "what the teacher of " + file + " said, SHA-256 ");
      Files.delete(file);
    } finally {
      Files.move(away, file);
    }
    ablation(recipe, out, true);
  }

  @Test
  void whatCannotBeLearntIsRefusedBeforeTheFolder() throws IOException {
    Path none = folder.resolve("none");
    Path other = text("other.txt", "To be, or not to be, that is he. ");
    refused(
        recipe.replace("text.txt", "other.txt"),
        none,
        false,
        "arm \"taught\": " + file,
        "is of other data");
    assertTrue(Files.exists(other));
    refused(
        recipe.replace("ce_weight: 0.25", "temperature: 2.0"),
        none,
        false,
        "was made at temperature 1.0 and the recipe's is 2.0");
    refused(
        recipe.replace("ce_weight: 0.25", "label_smoothing: 0.2"),
        none,
        false,
        "label_smoothing is 0.2 and there is a teacher");
    refused(
        recipe.replace("label_smoothing: 0.2", "label_smoothing: 1"),
        none,
        false,
        "label_smoothing is 1.0; give a number from 0 to below 1");
    refused(
        recipe.replace("seeds:", "basis: time\n  seeds:"),
        none,
        false,
        "arm \"taught\" has a teacher, whose time is in none of its steps");
    assertFalse(Files.exists(none));
  }

  private void refused(String text, Path place, boolean resume, String... problems) {
    InvalidInput refusal = assertThrows(InvalidInput.class, () -> ablation(text, place, resume));
    for (String problem : problems) {
      assertTrue(refusal.getMessage().contains(problem), refusal::getMessage);
    }
  }

  private static RunView run(Path place, String arm) throws IOException {
    Map<String, RunRecord> runs =
        RunRecords.readAll(place.resolve("runs")).stream()
            .collect(Collectors.toMap(RunRecord::getId, Function.identity()));
    return new RunView(runs.get("training-" + arm + "-seed-3"));
  }

  private static Ablation ablation(String text, Path place, boolean resume) throws IOException {
    Path given = Files.writeString(made.resolve("given.yaml"), text);
    return Ablation.of(
        new RecipeChoice(Optional.of(given), false, List.of()),
        place,
        resume,
        Provenance.newBuilder().setGemlabVersion("test").setCommand("./gemlab ablate").build());
  }
}
