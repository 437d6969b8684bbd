package io.gemlab.tpu.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.decode.GoldenGenerationTest;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Golden;
import io.gemlab.graph.gemma2.GoldenTest;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.PackedRowsTest;
import io.gemlab.graph.gemma2.TrainableTest;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.MemoryTest;
import io.gemlab.graph.path.PathsAgreeTest;
import io.gemlab.graph.path.SmallTraining;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.tpu.mesh.Mesh;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.types.TFloat32;

/**
 * What every path must pass, over meshes of true devices: the CPU as two to eight of them, with
 * XLA's own collectives. {@code -Dgemlab.test.path=pjrt:tpu} has it run on others.
 */
@Tag("pjrt")
class MeshGoldenTest {
  private static final PjrtPath DEVICES =
      new PjrtPath(System.getProperty("gemlab.test.path", "pjrt:cpu"));

  private static final Gemma2Config CONFIG = Golden.config("ckpt_f32");
  private static final TrainingLoss.BatchShape BATCH = new TrainingLoss.BatchShape(4, 24);
  private static final Map<String, HostTensor> TOKENS =
      LabelledBatch.withinRows(TokenBatch.random(1, 4, 24, CONFIG.vocabSize())).arguments();
  private static final Gemma2Model<TFloat32> MODEL =
      new Gemma2Model<>(
          CONFIG,
          OpChoice.of(new EagerAttention()),
          TFloat32.class,
          new Depth(Depth.Layers.SCANNED, Depth.Remat.LAYER));

  /**
   * A rate at which training does not magnify rounding: Adam makes a whole step of any gradient,
   * and one that is nothing but rounding may come out with the other sign.
   */
  private static final GraphFunction STEP =
      new TrainStep<>(MODEL, BATCH, new NextTokenLoss())
          .trace(
              "step",
              new TrainStep.Optimizer(
                  new AdamW(0.9, 0.95, 1e-8, 0.01),
                  LearningRate.constant(1e-4),
                  OptionalDouble.empty()));

  private static final int STEPS = 10;

  private static MeshPath over(String mesh, Gemma2Config config) {
    return new MeshPath(DEVICES, Mesh.parse(mesh), config);
  }

  /** The golden batch has two rows: more shards of it need copies. */
  static Stream<Arguments> combinations() {
    return Stream.concat(
        GoldenTest.combinations(List.of(over("data=2,fsdp=2", CONFIG))),
        Stream.of("data=2,model=2", "fsdp=2,model=2", "data=4,fsdp=2")
            .flatMap(mesh -> GoldenTest.combinations(List.of(over(mesh, CONFIG))).limit(1)));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("combinations")
  void agreesWithHuggingFace(
      String folder, Attention attention, MeshPath path, List<String> variants) {
    int copies = Math.max(1, path.mesh().shards() / 2);
    new GoldenTest().agreesWithHuggingFace(folder, attention, path, variants, copies);
  }

  @Test
  void generatesWhatHuggingFaceDoes() {
    new GoldenGenerationTest().generatesWhatHuggingFaceDoes(over("model=2", CONFIG));
  }

  @Test
  void trainsAsTheOtherPathsDoAndResumes() {
    new PathsAgreeTest()
        .aResumedRunIsTheSameToTheBitAndEveryPathTheSameButForRounding(
            over("data=2,model=2", SmallTraining.CONFIG));
  }

  @Test
  void trainsSomeOfTheWeightsAlone() {
    new TrainableTest().trainsOn(over("fsdp=2,model=2", CONFIG));
  }

  /** Each device's rows come with their documents. */
  @Test
  void keepsDocumentsThatShareARowApart() {
    PackedRowsTest.eachDocumentAlone();
    new PackedRowsTest()
        .gradientsOfRows(
            new BlockwiseAttention(OptionalInt.of(5)),
            over("data=2,model=2", Golden.config(PackedRowsTest.CHECKPOINT)),
            MODEL.depth(),
            2);
  }

  @Test
  void stepsHoldTheirMemory() throws IOException, InterruptedException {
    MemoryTest.requireFlat(Training.class, DEVICES.label(), 100, 500);
  }

  /** Trains in a Java of its own. */
  static final class Training {
    private Training() {}

    public static void main(String[] args) throws IOException {
      Mesh mesh = Mesh.parse("data=2,model=2");
      MemoryTest.Training.run(
          new MeshPath(new PjrtPath(args[0]), mesh, SmallTraining.CONFIG),
          Integer.parseInt(args[1]),
          Integer.parseInt(args[2]));
    }
  }

  /** What a run came to: the loss before each step, and the state after the last. */
  private record Run(List<Float> losses, Map<String, float[]> state) {}

  /** Weights and moments as vectors; losses by their size. */
  @ParameterizedTest
  @ValueSource(strings = {"data=2,fsdp=2", "fsdp=2,model=2", "data=1"})
  void trainsAsOneDeviceDoes(String mesh) {
    Run expected = Alone.RUN;
    Run got = run(over(mesh, CONFIG), STEPS);
    assertSame(expected, got);
  }

  /** One mesh begins, another goes on with what the first one's whole tensors were. */
  @Test
  void goesOnOverAnotherMesh() {
    List<Float> losses = new ArrayList<>();
    Map<String, HostTensor> saved = new HashMap<>();
    try (Executable first = over("data=2,fsdp=2", CONFIG).load(List.of(STEP))) {
      begin(first);
      for (int i = 0; i < STEPS / 2; i++) losses.add(step(first));
      for (GraphFunction.Input state : STEP.state()) {
        saved.put(state.spec().name(), first.read(state.spec().name()));
      }
    }
    try (Executable second = over("model=2", CONFIG).load(List.of(STEP))) {
      saved.forEach(second::assign);
      saved.values().forEach(HostTensor::close);
      for (int i = STEPS / 2; i < STEPS; i++) losses.add(step(second));
      assertSame(Alone.RUN, new Run(losses, state(second)));
    }
  }

  /** On one device, once for all. */
  private static final class Alone {
    static final Run RUN = run(DEVICES, STEPS);
  }

  private static Run run(ExecutionPath path, int steps) {
    List<Float> losses = new ArrayList<>();
    try (Executable executable = path.load(List.of(STEP))) {
      begin(executable);
      for (int i = 0; i < steps; i++) losses.add(step(executable));
      return new Run(losses, state(executable));
    }
  }

  private static void begin(Executable executable) {
    Golden.loadWeights("ckpt_f32", MODEL, executable);
    TrainStep.resetOptimizer(STEP, executable);
  }

  private static float step(Executable executable) {
    try (Results results = executable.run("step", TOKENS)) {
      return results.get(TrainStep.LOSS).item();
    }
  }

  private static Map<String, float[]> state(Executable executable) {
    Map<String, float[]> state = new HashMap<>();
    for (GraphFunction.Input input : STEP.state()) {
      try (HostTensor value = executable.read(input.spec().name())) {
        state.put(input.spec().name(), value.floats());
      }
    }
    return state;
  }

  private static void assertSame(Run expected, Run got) {
    for (int i = 0; i < STEPS; i++) {
      float loss = expected.losses().get(i);
      assertEquals(loss, got.losses().get(i), 2e-5 * loss, "loss " + i);
    }
    expected
        .state()
        .forEach(
            (name, want) -> {
              double off = 0;
              double size = 0;
              for (int i = 0; i < want.length; i++) {
                off += Math.pow(got.state().get(name)[i] - want[i], 2);
                size += Math.pow(want[i], 2);
              }
              assertTrue(Math.sqrt(off) <= 1e-3 * Math.sqrt(size) + 1e-12, name + " is off");
            });
  }

  @Test
  void saysWhatRanOnWhichDevices() {
    MeshPath path = over("data=2,fsdp=2", CONFIG);
    assertEquals(DEVICES.label() + " over data=2,fsdp=2,model=1", path.label());
    try (Executable executable = path.load(List.of(STEP))) {
      begin(executable);
      step(executable);
      ExecutionReport report = executable.report("step");
      assertEquals(path.label(), report.path());
      assertEquals(1, report.xlaClusters());
      assertTrue(report.notes().getFirst().contains(" and 3 more, kind "), report::toString);
      assertEquals(
          "The program is partitioned over mesh data=2,fsdp=2,model=1.", report.notes().get(1));
    }
  }
}
