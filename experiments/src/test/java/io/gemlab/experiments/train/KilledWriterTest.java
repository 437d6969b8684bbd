package io.gemlab.experiments.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.StepFunctions;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.GraphDef;

/** Killed while it writes a state, a process leaves the one before. */
class KilledWriterTest {
  private static final int MOST_KILLS = 20;
  private static final TensorSpec WEIGHT =
      new TensorSpec("weight", ElementType.F32, TensorShape.of(8 << 20));

  @TempDir Path folder;

  @Test
  void theLastWholeStateIsThere() throws IOException, InterruptedException {
    Path file = folder.resolve("run.safetensors");
    boolean hitAWriter = false;
    for (int kill = 0; kill < MOST_KILLS && !hitAWriter; kill++) {
      killWhileItWrites(file);
      hitAWriter = !partial().isEmpty();
      HostExecutable executable = new HostExecutable(_ -> Map.of());
      int steps = state(file).restore(executable);
      assertTrue(steps > 0);
      HostTensor weight = executable.read(WEIGHT.name());
      for (long i = 0; i < WEIGHT.shape().elements(); i++) {
        assertEquals(steps, weight.data().getAtIndex(ValueLayout.JAVA_FLOAT, i));
      }
    }
    assertTrue(hitAWriter, "none of the kills came while a state was being written");
    new StateSaving(state(file), new HostExecutable(_ -> Map.of()), new Interval(1, 1)).onStart(0);
    assertEquals(List.of(), partial());
    RunState.requireReadable(file);
  }

  private void killWhileItWrites(Path file) throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    Process writer =
        JavaProcess.of(KilledWriterTest.class, List.of(), List.of(file.toString()), log).start();
    try {
      long before = partial().size();
      while (writer.isAlive() && (!Files.exists(file) || partial().size() == before)) {
        Thread.sleep(1);
      }
      assertTrue(writer.isAlive(), () -> "the writer ended: " + text(log));
    } finally {
      writer.destroyForcibly().waitFor();
    }
  }

  private List<String> partial() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> name.startsWith(".run.safetensors"))
          .toList();
    }
  }

  private static String text(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static RunState state(Path file) {
    GraphFunction.Input weight =
        new GraphFunction.Input(WEIGHT, "weight", Optional.of(StateRole.WEIGHT));
    GraphFunction step =
        new GraphFunction(
            "step",
            GraphDef.getDefaultInstance(),
            List.of(weight),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of());
    return new RunState(file, new StepFunctions.Whole(step).kept(), Optional.empty(), List.of());
  }

  /** The process that is killed: saves one state after the other, full of their numbers. */
  public static void main(String[] arguments) {
    JavaProcess.endWithParent();
    RunState state = state(Path.of(arguments[0]));
    HostExecutable executable = new HostExecutable(_ -> Map.of());
    HostTensor weight = HostTensor.zeros(WEIGHT.type(), WEIGHT.shape());
    for (int steps = 1; ; steps++) {
      for (long i = 0; i < WEIGHT.shape().elements(); i++) {
        weight.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, steps);
      }
      executable.assign(WEIGHT.name(), weight);
      state.save(executable, steps);
    }
  }
}
