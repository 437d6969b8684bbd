package io.gemlab.tpu.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.decode.GoldenGenerationTest;
import io.gemlab.graph.gemma2.GoldenTest;
import io.gemlab.graph.gemma2.PublishedGemma3Test;
import io.gemlab.graph.gemma2.TrainableTest;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.MemoryTest;
import io.gemlab.graph.path.NotFinitePathTest;
import io.gemlab.graph.path.PathsAgreeTest;
import io.gemlab.graph.path.Profile;
import io.gemlab.graph.path.session.SharedStateTest;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.attention.Attention;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.types.TFloat32;

/**
 * What every path must pass, on a true device: the CPU through XLA's plugin. {@code
 * -Dgemlab.test.path=pjrt:cuda} has it run on another.
 */
@Tag("pjrt")
class PjrtGoldenTest {
  private static final ExecutionPath PATH =
      new PjrtPath(System.getProperty("gemlab.test.path", "pjrt:cpu"));

  static Stream<Arguments> combinations() {
    return GoldenTest.combinations(List.of(PATH));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("combinations")
  void agreesWithHuggingFace(
      String folder, Attention attention, ExecutionPath path, List<String> variants) {
    new GoldenTest().agreesWithHuggingFace(folder, attention, path, variants);
  }

  @Test
  void generatesWhatHuggingFaceDoes() {
    new GoldenGenerationTest().generatesWhatHuggingFaceDoes(PATH);
  }

  /** With the weights that GEMLAB_GEMMA3 names. */
  @Test
  @Tag("slow")
  void agreesOnGemma3AsTrained() {
    PublishedGemma3Test.find();
    new PublishedGemma3Test().float32IsHuggingFaces(PATH);
    new PublishedGemma3Test().bfloat16StaysAsCloseAsHuggingFaces(PATH);
  }

  @Test
  void trainsAsTheOtherPathsDoAndResumes() {
    new PathsAgreeTest().aResumedRunIsTheSameToTheBitAndEveryPathTheSameButForRounding(PATH);
  }

  @Test
  void trainsSomeOfTheWeightsAlone() {
    new TrainableTest().trainsOn(PATH);
  }

  @Test
  void findsWhatIsNoNumber() {
    NotFinitePathTest test = new NotFinitePathTest();
    test.inAWeight(PATH);
    test.inAnActivation(PATH);
    test.inAGradient(PATH);
  }

  @Test
  void functionsShareState() {
    new SharedStateTest().whatOneFunctionWritesAnotherReads(PATH);
    new SharedStateTest().theValueFromBeforeIsKeptWhereItIsRead(PATH);
  }

  @Test
  void stepsHoldTheirMemory() throws IOException, InterruptedException {
    MemoryTest.requireFlat(Training.class, PATH.label(), 100, 500);
  }

  /** Trains in a Java of its own. */
  static final class Training {
    private Training() {}

    public static void main(String[] args) throws IOException {
      MemoryTest.Training.run(
          new PjrtPath(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    }
  }

  @Test
  void saysWhatRan() {
    try (Trace trace = new Trace("double")) {
      var x = trace.argument("x", TFloat32.class, TensorShape.of(2));
      trace.result("y", trace.ops().math.add(x, x));
      try (Executable executable = PATH.load(List.of(trace.finish()))) {
        assertEquals(0, executable.report("double").xlaClusters());
        Map<String, HostTensor> arguments = Map.of("x", HostTensor.of(new float[] {1, 2}, 2));
        executable.run("double", arguments).close();
        ExecutionReport report = executable.report("double");
        assertEquals(PATH.label(), report.path());
        assertEquals(1, report.xlaClusters());
        assertTrue(report.firstCall().isPositive());
        assertTrue(report.notes().getFirst().startsWith("The device is "), report::toString);
        Profile profile = executable.profile("double", arguments);
        assertEquals(
            List.of("upload", "program", "download"),
            profile.nodes().stream().map(Profile.Node::name).toList());
      }
    }
  }
}
