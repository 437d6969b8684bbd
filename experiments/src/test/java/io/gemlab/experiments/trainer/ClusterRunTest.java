package io.gemlab.experiments.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.cli.Gemlab;
import io.gemlab.graph.base.cluster.Cluster;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.keyvalue.ClusterToken;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.weights.FreshCheckpoint;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers of a cluster, each a process, beside one process. */
final class ClusterRunTest {
  /** A rate at which training doesn't magnify rounding; the rows are unevenly scored. */
  static final String RECIPE =
      """
      preset: tiny
      config: %s
      training:
        corpus: %s:text
        rows: padded
        validation_fraction: 0.2
        batch: 12
        length: 16
        accumulate: 2
        steps: 10
        learning_rate: 1.0e-4
        warmup_steps: 0
        schedule: constant
        max_grad_norm: 1.0e+6
        skip_spikes: true
        diagnose_every: 0
        path: graph
        validation_sequences: 12
        evaluate_every: 5
      checkpoints: {every: 1, keep: 10}
      samples: {prompts: [], new_tokens: 3}
      """;

  @TempDir private Path folder;
  private Path recipe;

  @BeforeEach
  void write() throws IOException {
    recipe = folder.resolve("recipe.yaml");
    Files.writeString(recipe, RECIPE.formatted(SmallModel.OVERLAY, corpus(folder)));
  }

  /** Documents of 4 to 15 letters. */
  static Path corpus(Path folder) throws IOException {
    String text = "To be, or not to be, that is the question";
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 120; i++) {
      lines.append("{\"text\": \"%s\"}\n".formatted(text.substring(i % 9, i % 9 + 4 + i * 7 % 12)));
    }
    return Files.writeString(folder.resolve("texts.jsonl"), lines);
  }

  /** Every step's state is compared between the workers, since every step has a checkpoint. */
  @Test
  void twoWorkersTrainAsOneProcessDoes() throws IOException {
    Path together = compare(2);
    List<ObjectNode> events = JsonLog.read(together.resolve("events.jsonl"));
    assertTrue(
        events.stream()
            .anyMatch(event -> event.path("text").asText().startsWith("2 workers: 127.0.0.1:")),
        events::toString);
  }

  @Test
  @Tag("slow")
  void threeWorkersTrainClusteredAndDiagnosedAndSpeak() throws IOException {
    Path together =
        compare(
            3,
            "training.path=clustered",
            "training.accumulate=1",
            "training.diagnose_every=4",
            "samples.prompts=[To be]");
    assertEquals(2, JsonLog.read(together.resolve("diagnostics.jsonl")).size());
  }

  /** What is frozen comes from worker 0 as it is kept. */
  @ParameterizedTest
  @Tag("slow")
  @ValueSource(strings = {"int4", "bfloat16"})
  void anAdapterOverANarrowBaseIsTheSame(String type) throws IOException {
    Path checkpoint = folder.resolve("base");
    new FreshCheckpoint(SmallModel.config(), 3, ElementType.F32, Map.of())
        .write(checkpoint, _ -> {});
    compare(
        2,
        "preset=null",
        "checkpoint=" + checkpoint,
        "config={}",
        "lora.rank=4",
        "lora.alpha=8",
        "lora.targets=[all-linear]",
        "lora.base_dtype=" + type);
  }

  /** Each worker reads of the teacher's file what that says of the worker's rows. */
  @Test
  @Tag("slow")
  void aStudentOfATeachersFileIsTheSame() throws IOException {
    Path teacher = folder.resolve("teacher");
    List<String> quickly = List.of("training.learning_rate=1e-2");
    try (TrainRun run =
        TrainRun.of(recipe, quickly, teacher, false, Provenance.getDefaultInstance())) {
      run.run(new TrainRunTest.Watcher(Integer.MAX_VALUE), TrainRunTest.PRODUCT_RATE);
    }
    Path file = folder.resolve("teacher.safetensors");
    Gemlab scored =
        Gemlab.run(
            "teacher",
            "--checkpoint",
            teacher.resolve("checkpoints/last"),
            "--data",
            recipe,
            "--top-k",
            8,
            "--out",
            file);
    assertEquals(0, scored.exitCode(), scored::err);
    compare(2, "distill.teacher=" + file);
  }

  /** Trains with so many workers and alone. */
  private Path compare(int workers, String... changes) throws IOException {
    Path alone = folder.resolve("alone");
    try (TrainRun run =
        TrainRun.of(recipe, List.of(changes), alone, false, Provenance.getDefaultInstance())) {
      run.run(new TrainRunTest.Watcher(Integer.MAX_VALUE), TrainRunTest.PRODUCT_RATE);
    }
    Path together = folder.resolve("together");
    List<Object> flags =
        new ArrayList<>(
            List.of("train", recipe, "--out", together, "--listen-everywhere", "--workers"));
    flags.add(workers);
    for (String change : changes) flags.addAll(List.of("--set", change));
    Gemlab many = Gemlab.run(flags.toArray());
    assertEquals(0, many.exitCode(), many::err);
    assertTrue(many.out().startsWith("report: "), many::out);
    PathsTrainAlikeTest.assertSame(alone, together);
    for (ObjectNode step : JsonLog.read(together.resolve("metrics.jsonl"))) {
      double reducing = step.path("reduce_seconds").asDouble(-1);
      assertTrue(reducing >= 0 && reducing < step.path("seconds").asDouble(), step::toString);
    }
    return together;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--workers 1 | --workers is 1; give 2 or more",
        "--workers 2 --task 0 | --workers starts processes on this machine",
        "--task 0 | --cluster names the processes that run together, and --task which of them",
        "--cluster a:1,b:2 | --cluster names the processes that run together, and --task which of",
        "--cluster a:1,b:2 --task 2 | --task is 2 and --cluster has 2 workers",
        "--cluster a:1,b:2 --task 1 --show-labels 1 | --show-labels trains nothing",
        "--cluster a:1,b:2 --task 0 --plan v5p:2x2x1 | --plan trains nothing"
      })
  void flagsThatMakeNoClusterAreRefused(String flags, String message) {
    Gemlab run =
        Gemlab.run(
            (Object[])
                ("train %s --out %s --listen-everywhere ".formatted(recipe, folder.resolve("out"))
                        + flags)
                    .split(" "));
    assertEquals(2, run.exitCode(), run::err);
    assertTrue(run.err().contains(message), run::err);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "training.batch=16 | batch / accumulate is 8 rows and there are 3 workers; give a batch that",
        "training.path=fused | training.path is fused, which a cluster can't run; give graph or clustered",
        "training.path=pjrt:cpu | training.path is pjrt:cpu, which a cluster can't run"
      })
  void recipesThatCannotBeSharedAreRefused(String change, String message) {
    ClusterMembership membership =
        new ClusterMembership(
            Cluster.parse("a:1,b:2,c:4", 1),
            ClusterToken.random(),
            Optional.empty(),
            line -> fail(line),
            loss -> fail(loss.sentence()));
    InvalidInput refusal =
        assertThrows(
            InvalidInput.class,
            () ->
                FollowerRun.of(
                    recipe,
                    List.of(change),
                    membership,
                    Products.TENSORFLOW,
                    Provenance.getDefaultInstance()));
    assertTrue(refusal.getMessage().contains(message), refusal::getMessage);
  }
}
