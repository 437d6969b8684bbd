package io.gemlab.experiments.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SmallModel;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.weights.ModelWeights;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The checkpoint of a mesh: what one device would write, and never a whole tensor on the host. */
@Tag("pjrt")
final class MeshCheckpointTest {
  private static final String RECIPE =
      """
      preset: tiny
      config: %s
      training:
        path: pjrt:cpu
        mesh: data=2,fsdp=2
        batch: 4
        length: 16
        layers: %s
        remat: layer
        ema_decay: 0.5
      checkpoints: {dtype: bfloat16}
      samples: {prompts: []}
      """;

  @TempDir private Path folder;

  /** The pieces of an executable, each of which is watched while it is on the host. */
  private static final class Watched implements Function<String, List<TensorPiece>> {
    private final Executable executable;
    private int open;
    private long largest;

    Watched(Executable executable) {
      this.executable = executable;
    }

    @Override
    public List<TensorPiece> apply(String state) {
      return executable.pieces(state).stream()
          .map(piece -> new TensorPiece(piece.place(), () -> read(piece)))
          .toList();
    }

    private HostTensor read(TensorPiece piece) {
      assertEquals(0, open++, "pieces are open at once");
      HostTensor value = piece.read();
      assertEquals(piece.place().shape(), value.shape());
      largest = Math.max(largest, value.data().byteSize());
      return new HostTensor(
          value.type(),
          value.shape(),
          value.data(),
          () -> {
            open--;
            value.close();
          });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"unrolled", "scanned"})
  void isWrittenPieceByPiece(String layers) throws IOException {
    Path file = folder.resolve("recipe.yaml");
    Files.writeString(file, RECIPE.formatted(SmallModel.OVERLAY, layers));
    TrainRecipe recipe = TrainRecipeFile.read(file, List.of()).recipe();
    TrainPrograms programs = TrainPrograms.of(recipe);
    List<TensorSpec> kept = programs.kept();
    try (Executable executable =
        recipe.path().of(() -> recipe.model().config()).load(programs.all())) {
      ModelWeights.initialize(programs.parameters(), 1, executable);
      kept.stream()
          .filter(state -> state.name().contains("/"))
          .forEach(state -> executable.assign(state.name(), random(state)));

      Watched pieces = new Watched(executable);
      write("pieces", recipe, programs, pieces);
      assertEquals(0, pieces.open);
      long largest = kept.stream().mapToLong(TensorSpec::bytes).max().orElseThrow();
      assertEquals(largest / 2, pieces.largest);

      write("whole", recipe, programs, state -> whole(executable, state));
      try (Snapshot snapshot = Snapshot.of(kept, executable)) {
        write("copied", recipe, programs, snapshot);
      }
    }
    List<Path> files;
    Path whole = folder.resolve("whole/step-3");
    try (Stream<Path> tree = Files.walk(whole)) {
      files = tree.filter(Files::isRegularFile).map(whole::relativize).toList();
    }
    assertTrue(files.contains(Path.of("ema/model.safetensors")), files::toString);
    for (Path each : files) {
      for (String other : List.of("pieces", "copied")) {
        Path copy = folder.resolve(other).resolve("step-3").resolve(each);
        assertEquals(-1, Files.mismatch(whole.resolve(each), copy), each::toString);
      }
    }
  }

  private static List<TensorPiece> whole(Executable executable, String state) {
    TensorShape shape = executable.pieces(state).getFirst().place().whole();
    return List.of(TensorPiece.whole(shape, () -> executable.read(state)));
  }

  private static HostTensor random(TensorSpec state) {
    HostTensor value = HostTensor.zeros(state.type(), state.shape(), Arena.ofAuto());
    SplittableRandom random = new SplittableRandom(state.name().hashCode());
    for (long i = 0; i < state.shape().elements(); i++) {
      value.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble());
    }
    return value;
  }

  private void write(
      String name,
      TrainRecipe recipe,
      TrainPrograms programs,
      Function<String, List<TensorPiece>> states) {
    new Checkpoints(
            folder.resolve(name),
            programs.kept(),
            programs.parameters(),
            CheckpointFiles.of(ConfigJson.write(recipe.model().config())),
            Optional.empty(),
            ElementType.BF16,
            1)
        .write(states, List.of(), 3);
  }
}
