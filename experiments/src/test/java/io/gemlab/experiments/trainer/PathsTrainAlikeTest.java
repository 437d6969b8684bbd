package io.gemlab.experiments.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.trainer.TrainRunTest.Watcher;
import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.weights.FreshCheckpoint;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One recipe, on a session's paths, a device and a mesh of four. */
@Tag("pjrt")
final class PathsTrainAlikeTest {
  /** A rate at which training doesn't magnify rounding; nothing is clipped. */
  private static final String RECIPE =
      """
      preset: tiny
      config: %s
      training:
        corpus: %s
        batch: 8
        length: 16
        steps: 10
        learning_rate: 1.0e-4
        warmup_steps: 0
        schedule: constant
        max_grad_norm: 1.0e+6
        diagnose_every: 0
        validation_sequences: 8
        evaluate_every: 5
      checkpoints: {every: 1, keep: 10}
      samples: {prompts: [], new_tokens: 3}
      """;

  private static final String CLUSTERED = "training.path=clustered";
  private static final String[] DEVICE = {"training.path=pjrt:cpu"};
  private static final String[] MESH = {"training.path=pjrt:cpu", "training.mesh=data=2,fsdp=2"};

  /** Of a tensor's largest gradient, and of a loss. */
  private static final double GRADIENTS = 5e-5;

  private static final double LOSSES = 2e-5;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void everyPathTakesTheSameStepsAndGoesOnFromAnother(int accumulate) throws IOException {
    String[] pieces = {"training.accumulate=" + accumulate};
    Path session = run("session", with(pieces, CLUSTERED));
    Path mesh = run("mesh", with(pieces, MESH));
    assertSame(session, run("fused", with(pieces, "training.path=fused")));
    assertSame(session, run("device", with(pieces, DEVICE)));
    assertSame(session, mesh);
    if (accumulate == 1) return;
    assertSame(session, resumed(session, "on-mesh", with(pieces, MESH)));
    assertSame(session, resumed(mesh, "on-session", with(pieces, CLUSTERED)));
  }

  /** Pieces cut rows, which a mesh does not. */
  @Test
  void theLossInPiecesIsTheSame() throws IOException {
    Path whole = run("whole", CLUSTERED);
    String[] pieces = {"training.loss_pieces=4"};
    assertSame(whole, run("device", with(pieces, DEVICE)));
    assertSame(
        whole,
        run("mesh", with(with(pieces, MESH), "training.layers=scanned", "training.remat=layer")));
  }

  @Test
  void anAdapterIsTheSame() throws IOException {
    Path checkpoint = folder.resolve("base");
    new FreshCheckpoint(SmallModel.config(), 3, ElementType.F32, Map.of())
        .write(checkpoint, _ -> {});
    String[] lora = {
      "preset=null",
      "config={}",
      "checkpoint=" + checkpoint,
      "lora={rank: 4, alpha: 8, targets: [all-linear]}",
      "lora.base_dtype=bfloat16"
    };
    Path whole = run("whole", with(lora, CLUSTERED));
    String[] pieces = with(lora, "training.loss_pieces=4", "training.accumulate=2");
    assertSame(whole, run("device", with(pieces, DEVICE)));
    Path mesh = run("mesh", with(pieces, MESH));
    assertSame(whole, mesh);
    assertSame(whole, resumed(mesh, "on-session", with(pieces, CLUSTERED)));
  }

  /** A mesh generates as many rows as it has shards of the batch; the text is the same. */
  @Test
  void aMeshSpeaks() throws IOException {
    String[] few = {"training.steps=2", "samples.prompts=[To be]", "samples.temperature=1"};
    Path session = run("session", with(few, CLUSTERED));
    Path mesh = run("mesh", with(few, MESH));
    List<String> texts =
        Stream.of(session, mesh)
            .map(out -> JsonLog.read(out.resolve("evaluations.jsonl")).getFirst().get("samples"))
            .map(String::valueOf)
            .toList();
    assertTrue(texts.getFirst().contains("To be"), texts::toString);
    assertEquals(texts.getFirst(), texts.getLast());
  }

  private static String[] with(String[] some, String... more) {
    return Stream.concat(Stream.of(some), Stream.of(more)).toArray(String[]::new);
  }

  private Path run(String name, String... changes) throws IOException {
    Path out = folder.resolve(name);
    run(out, false, changes);
    return out;
  }

  /** Goes on in another folder from what a run was after five steps. */
  private Path resumed(Path begun, String name, String... changes) throws IOException {
    Path out = folder.resolve(name);
    try (Stream<Path> all = Files.walk(begun)) {
      for (Path file : all.sorted().toList()) {
        Path place = out.resolve(begun.relativize(file).toString());
        if (!file.toString().matches(".*/step-([6-9]|10)(/.*)?") && !Files.isSymbolicLink(file)) {
          Files.copy(file, place);
        }
      }
    }
    run(out, true, changes);
    return out;
  }

  private void run(Path out, boolean resume, String... changes) throws IOException {
    Path text = folder.resolve("text.txt");
    Files.writeString(text, "To be, or not to be, that is it. ".repeat(60));
    Path recipe = folder.resolve("recipe.yaml");
    Files.writeString(recipe, RECIPE.formatted(SmallModel.OVERLAY, text));
    try (TrainRun run =
        TrainRun.of(recipe, List.of(changes), out, resume, Provenance.getDefaultInstance())) {
      run.run(new Watcher(Integer.MAX_VALUE));
    }
  }

  /** Within what rounding may do to ten steps. */
  static void assertSame(Path expected, Path got) {
    List<ObjectNode> want = JsonLog.read(expected.resolve("metrics.jsonl"));
    List<ObjectNode> steps = JsonLog.read(got.resolve("metrics.jsonl"));
    assertEquals(10, steps.size());
    for (int i = 0; i < steps.size(); i++) {
      for (String key : List.of("batch_sha256", "tokens", "learning_rate")) {
        assertEquals(want.get(i).get(key), steps.get(i).get(key), key);
      }
      double loss = want.get(i).get("loss").asDouble();
      assertEquals(loss, steps.get(i).get("loss").asDouble(), LOSSES * loss, "loss of step " + i);
    }
    assertCurves(expected, got);
    Map<String, float[]> gradients = firstMoments(expected);
    Map<String, float[]> others = firstMoments(got);
    boolean isLearnt = false;
    for (Map.Entry<String, float[]> gradient : gradients.entrySet()) {
      float largest = 0;
      for (float value : gradient.getValue()) largest = Math.max(largest, Math.abs(value));
      isLearnt |= largest > 0;
      String name = gradient.getKey();
      assertArrayEquals(gradient.getValue(), others.get(name), (float) GRADIENTS * largest, name);
    }
    assertTrue(isLearnt, "all gradients are 0");
  }

  private static void assertCurves(Path expected, Path got) {
    List<ObjectNode> want = JsonLog.read(expected.resolve("evaluations.jsonl"));
    List<ObjectNode> points = JsonLog.read(got.resolve("evaluations.jsonl"));
    assertEquals(want.size(), points.size());
    for (int i = 0; i < points.size(); i++) {
      assertEquals(want.get(i).get("step"), points.get(i).get("step"));
      double loss = want.get(i).get("validation_loss").asDouble();
      assertEquals(loss, points.get(i).get("validation_loss").asDouble(), LOSSES * loss);
    }
  }

  /**
   * After one step each is its gradient times 1 - beta1. The model has one layer of each kind, so
   * that a stack of layers holds one.
   */
  private static Map<String, float[]> firstMoments(Path out) {
    Map<String, float[]> moments = new TreeMap<>();
    Path state = out.resolve("checkpoints/step-1/training/state.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(state)) {
      for (String name : file.tensors().keySet()) {
        if (!name.startsWith("optimizer/exp_avg/")) continue;
        float[] values = file.segment(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        moments.put(name.replaceFirst("(\\d)by2", "$1"), values);
      }
    }
    return moments;
  }
}
