package io.gemlab.tpu.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.graph.TestFiles;
import io.gemlab.graph.base.adapter.Lora;
import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.decode.ExportedDecode;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Golden;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.gemma2.Trainable;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.StepFunctions;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.export.HloExporter;
import io.gemlab.tpu.mesh.Mesh;
import io.gemlab.tpu.mesh.ShardingPlan;
import io.gemlab.tpu.path.FunctionSignature;
import io.gemlab.tpu.pjrt.plugin.PluginFinder;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.types.TFloat32;

/**
 * Bundles run on a true device, the CPU, in a Java that has no TensorFlow to load: they give what
 * Hugging Face does.
 */
@Tag("pjrt")
class BundleOnCpuTest {
  private static final Path CHECKPOINT = TestFiles.golden("ckpt_f32");
  private static final JsonMapper JSON = new JsonMapper();

  /** Scanned layers, so that the runner has stacks to make. */
  private static final Gemma2Model<TFloat32> SCANNED =
      model(new Depth(Depth.Layers.SCANNED, Depth.Remat.LAYER));

  /**
   * At a rate at which training does not magnify rounding: Adam makes a whole step of any gradient,
   * and one that is nothing but rounding may come out with the other sign.
   */
  private static final TrainStep.Optimizer SLOW =
      new TrainStep.Optimizer(
          new AdamW(0.9, 0.95, 1e-8, 0.01), LearningRate.constant(1e-4), OptionalDouble.empty());

  @TempDir Path folder;

  @Test
  void trainsAsHuggingFaceDoes() throws IOException, InterruptedException {
    GraphFunction step = GoldenBundles.train(SCANNED, 2, GoldenBundles.OPTIMIZER);
    JsonNode golden = JsonFile.readObject(TestFiles.golden("golden.json")).get("variants").get("A");
    Path ids = folder.resolve("ids.json");
    JSON.writeValue(ids.toFile(), Map.of("input_ids", golden.get("input_ids")));
    Path state = folder.resolve("state.safetensors");
    JsonNode run =
        run(
            bundle(step, SCANNED),
            "--checkpoint",
            CHECKPOINT,
            "--ids",
            ids,
            "--steps",
            4,
            "--state",
            state);
    JsonNode losses = run.get("results").get("loss");
    assertEquals(4, losses.size());
    for (int i = 0; i < 4; i++) {
      double allowed = i == 0 ? 1e-4 : 1e-2;
      assertEquals(golden.get("losses").get(i).asDouble(), losses.get(i).asDouble(), allowed);
    }
    assertEquals(48, run.get("tokens_a_step").asInt());
    assertEquals(4, run.get("ms").size());
    assertEquals("cpu", run.get("platform").asText());
    try (SafetensorsFile written = SafetensorsFile.open(state)) {
      assertEquals(
          step.state().stream().map(input -> input.spec().name()).collect(Collectors.toSet()),
          written.tensors().keySet());
    }
  }

  @Test
  void generatesWhatHuggingFaceDoes() throws IOException, InterruptedException {
    Gemma2Model<TFloat32> model = model(Depth.PLAIN);
    List<int[]> prompts = Golden.prompts("A");
    List<int[]> expected = Golden.generated("A");
    int steps = prompts.getFirst().length + expected.getFirst().length - 1;
    Path bundle = bundle(ExportedDecode.trace(model, prompts.size(), 64), model);
    Path ids = folder.resolve("prompts.json");
    JSON.writeValue(ids.toFile(), Map.of("input_ids", prompts));
    JsonNode run = run(bundle, "--checkpoint", CHECKPOINT, "--ids", ids, "--steps", steps);
    assertEquals(JSON.valueToTree(expected), run.get("output_ids"));
  }

  @Test
  void randomWeightsServeForTimings() throws IOException, InterruptedException {
    GraphFunction step =
        new TrainStep<>(SCANNED, new TrainingLoss.BatchShape(1, 8), new NextTokenLoss())
            .trace(
                "train",
                new TrainStep.Optimizer(
                    new AdamW(0.9, 0.95, 1e-8, 0.01),
                    LearningRate.constant(1e-3),
                    OptionalDouble.of(1)));
    JsonNode run = run(bundle(step, SCANNED), "--steps", 2);
    // Weights that small say next to nothing: the loss is about that of a uniform guess.
    assertEquals(Math.log(512), run.get("results").get("loss").get(0).asDouble(), 1);
    assertEquals("random", run.get("weights").asText());
    assertTrue(run.get("tokens_per_second").asDouble() > 0);
  }

  /**
   * Four devices of the CPU, which XLA's plugin makes on demand: the batch cut over two of them,
   * and heads, columns, vocabulary and moments. The numbers are those of one device, and Hugging
   * Face's. Moments after one step are the gradients.
   */
  @ParameterizedTest
  @ValueSource(strings = {"data=2,model=2", "data=1,fsdp=2,model=2", "data=2,fsdp=2"})
  void aMeshOfDevicesTrainsAsOneDoes(String axes) throws IOException, InterruptedException {
    Mesh mesh = Mesh.parse(axes);
    GraphFunction step = GoldenBundles.train(SCANNED, 4, SLOW);
    ShardingPlan plan = ShardingPlan.of(SCANNED.config(), mesh, OptionalInt.of(4), mesh.devices());
    HloModule exported = HloExporter.export(step);
    Path alone = write(step, SCANNED, exported, 1);
    Path together = write(step, SCANNED, plan.annotate(step, exported), mesh.devices());
    assertSameTraining(alone, together, 1, 1e-6, 5e-5);
    assertSameTraining(alone, together, 10, 2e-5, 1e-3);
  }

  /**
   * A step of two micro-batches, which the runner makes alike: what one device does in one program,
   * a mesh does in two. The adapter is fresh, the base bfloat16, and steps may be left out.
   */
  @Test
  void microBatchesOfAMeshTrainAnAdapterAsOneProgramDoes()
      throws IOException, InterruptedException {
    Gemma2Model<TFloat32> model = SCANNED.with(new Lora(4, 8, List.of("all-linear")));
    TrainStep<TFloat32> training =
        new TrainStep<>(
            model,
            Parameters.of(model, Trainable.ADAPTER, ElementType.F32, ElementType.BF16),
            new TrainingLoss.BatchShape(4, 24),
            new NextTokenLoss());
    TrainStep.Optimizer guarded =
        new TrainStep.Optimizer(
            SLOW.adamW(),
            Map.of(),
            LearningRate.constant(1e-3),
            OptionalDouble.of(1),
            OptionalDouble.empty(),
            true,
            false);
    GraphFunction whole = training.trace("train", guarded);
    Path one = write(whole, model, HloExporter.export(whole), 1);
    Mesh mesh = Mesh.parse("data=2,fsdp=2");
    ShardingPlan plan = ShardingPlan.of(model.config(), mesh, OptionalInt.of(4), 4);
    StepFunctions.Accumulating step =
        new StepFunctions.Accumulating(
            training.traceAccumulate("accumulate", guarded),
            training.traceUpdate("update", guarded, TrainStep.Report.PLAIN));
    List<Bundle.Program> programs = new ArrayList<>();
    Map<String, StateRole> roles = new HashMap<>();
    for (GraphFunction function : step.all()) {
      roles.putAll(FunctionSignature.roles(function));
      HloModule program = plan.annotate(function, HloExporter.export(function));
      programs.add(
          new Bundle.Program(
              FunctionSignature.of(function),
              function == step.update() ? 1 : 2,
              program.toByteArray()));
    }
    Path two = GoldenBundles.write(folder.resolve("two.bundle"), model, programs, roles, 4);

    JsonNode expected = run(one, "--checkpoint", CHECKPOINT, "--steps", 5).get("results");
    JsonNode got = run(two, "--checkpoint", CHECKPOINT, "--steps", 5);
    assertEquals(2 * 4 * 24, got.get("tokens_a_step").asInt());
    JsonNode losses = got.get("results").get("loss");
    for (int i = 0; i < 5; i++) {
      double loss = expected.get("loss").get(i).asDouble();
      assertEquals(loss, losses.get(i).asDouble(), 2e-5 * loss);
    }
    assertTrue(losses.get(4).asDouble() < losses.get(0).asDouble() - 1e-2, losses::toString);
  }

  /** The runner knows no TensorFlow, and a training step's words by itself. */
  @Test
  void theRunnerKnowsWhatAStepTakes() {
    assertEquals(
        Set.of(
            TrainStep.MICRO_BATCH,
            TrainStep.STEP_TOKENS,
            TrainStep.LOSS,
            TrainStep.MAX_LOSS,
            TrainStep.MAX_NORM),
        Feed.Batch.STEP_ARGUMENTS);
  }

  private void assertSameTraining(
      Path alone, Path together, int steps, double ofLoss, double ofState)
      throws IOException, InterruptedException {
    Path one = folder.resolve("one.safetensors");
    Path four = folder.resolve("four.safetensors");
    JsonNode expected = run(alone, "--checkpoint", CHECKPOINT, "--steps", steps, "--state", one);
    JsonNode got = run(together, "--checkpoint", CHECKPOINT, "--steps", steps, "--state", four);
    assertEquals(4, got.get("devices_used").asInt());
    JsonNode losses = expected.get("results").get("loss");
    assertEquals(steps, losses.size());
    for (int i = 0; i < steps; i++) {
      double loss = losses.get(i).asDouble();
      assertEquals(loss, got.get("results").get("loss").get(i).asDouble(), ofLoss * loss);
    }
    assertSameState(one, four, ofState);
  }

  /** Tensor by tensor, as vectors. */
  private static void assertSameState(Path expected, Path got, double tolerance) {
    try (SafetensorsFile a = SafetensorsFile.open(expected);
        SafetensorsFile b = SafetensorsFile.open(got)) {
      assertEquals(a.tensors().keySet(), b.tensors().keySet());
      for (String name : a.tensors().keySet()) {
        float[] want = a.segment(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        float[] have = b.segment(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        double off = 0;
        double size = 0;
        for (int i = 0; i < want.length; i++) {
          off += Math.pow(have[i] - want[i], 2);
          size += Math.pow(want[i], 2);
        }
        assertTrue(Math.sqrt(off) <= tolerance * Math.sqrt(size) + 1e-12, name + " is off");
      }
    }
  }

  /** The cache is cut too: rows by data, heads by model. */
  @Test
  void aMeshOfDevicesGeneratesWhatHuggingFaceDoes() throws IOException, InterruptedException {
    Gemma2Model<TFloat32> model = model(Depth.PLAIN);
    List<int[]> prompts = Golden.prompts("A");
    List<int[]> expected = Golden.generated("A");
    int steps = prompts.getFirst().length + expected.getFirst().length - 1;
    GraphFunction decode = ExportedDecode.trace(model, prompts.size(), 64);
    Mesh mesh = Mesh.parse("data=2,model=2");
    ShardingPlan plan = ShardingPlan.of(model.config(), mesh, OptionalInt.of(prompts.size()), 4);
    Path bundle = write(decode, model, plan.annotate(decode, HloExporter.export(decode)), 4);
    Path ids = folder.resolve("prompts.json");
    JSON.writeValue(ids.toFile(), Map.of("input_ids", prompts));
    JsonNode run = run(bundle, "--checkpoint", CHECKPOINT, "--ids", ids, "--steps", steps);
    assertEquals(JSON.valueToTree(expected), run.get("output_ids"));
  }

  private Path bundle(GraphFunction function, Gemma2Model<?> model) {
    return write(function, model, HloExporter.export(function), 1);
  }

  private Path write(GraphFunction function, Gemma2Model<?> model, HloModule program, int devices) {
    Path file = folder.resolve(function.name() + "_on_" + devices + ".bundle");
    return GoldenBundles.write(file, function, model, program, devices);
  }

  private static Gemma2Model<TFloat32> model(Depth depth) {
    return GoldenBundles.model(new EagerAttention(), TFloat32.class, depth);
  }

  /** Runs a bundle in a Java without TensorFlow; answers what it wrote. */
  private JsonNode run(Path bundle, Object... more) throws IOException, InterruptedException {
    Path json = folder.resolve("run.json");
    Path log = folder.resolve("log");
    List<Object> words = new ArrayList<>(List.of("--json", json));
    words.addAll(List.of(more));
    assertEquals(0, process(bundle, log, words).waitFor(), () -> read(log));
    return JsonFile.readObject(json);
  }

  private static Process process(Path bundle, Path log, List<Object> more) throws IOException {
    Path plugin =
        new PluginFinder(System.getenv()).find(PluginKind.CPU, Optional.empty()).require();
    List<String> arguments = new ArrayList<>();
    Stream.concat(Stream.of("--bundle", bundle, "--plugin", plugin), more.stream())
        .forEach(word -> arguments.add(word.toString()));
    ProcessBuilder java = JavaProcess.of(BundleRunner.class, List.of(), arguments, log);
    int classPath = java.command().indexOf("-cp") + 1;
    String without =
        Stream.of(java.command().get(classPath).split(File.pathSeparator))
            .filter(entry -> !entry.matches(".*(tensorflow|javacpp|ndarray).*"))
            .collect(Collectors.joining(File.pathSeparator));
    assertFalse(without.equals(java.command().get(classPath)));
    java.command().set(classPath, without);
    return java.start();
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
