package io.gemlab.experiments.merge.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.merge.method.DropRescale;
import io.gemlab.experiments.merge.plan.MergePlan;
import io.gemlab.experiments.merge.recipe.MergeRecipeFile;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A front as it is written: a folder a point, and a table of what they are. */
class FrontTest {
  private static final long SHARD_BYTES = 9_000;
  private static final MergeOptions OPTIONS = new MergeOptions(false, DropRescale.NORM, 0);
  private static final Path GOLDEN = Merges.golden("../merge-small");
  private static final String RECIPE =
      """
      merge_method: warp
      base_model: %1$s/base
      models: [{model: %1$s/ft1}, {model: %1$s/ft2}, {model: %1$s/ft3}]
      parameters: {eta: [0, 0.3, 1]}
      """;

  @TempDir Path folder;

  /** What a kill leaves. */
  private static final class Stop extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void thePointsLieOnALineAndTheTableSaysWhere() throws IOException {
    Path out = folder.resolve("out");
    FrontTable table = write(recipe(""), out, false, _ -> {});
    Map<String, float[]> base = weights(GOLDEN.resolve("base"));
    assertEquals(List.of("eta-0", "eta-0.3", "eta-1"), points(table));
    List<Map<String, float[]>> written = new ArrayList<>();
    for (FrontTable.Point point : table.points()) {
      Map<String, float[]> model = weights(out.resolve(point.point().folder()));
      written.add(model);
      assertEquals(distance(base, model), point.distance(), 1e-9 * point.distance());
    }
    base.forEach(
        (name, values) -> {
          assertArrayEquals(values, written.get(0).get(name), name);
          for (int i = 0; i < values.length; i++) {
            double expected = 0.7 * values[i] + 0.3 * written.get(2).get(name)[i];
            assertEquals(expected, written.get(1).get(name)[i], 1e-6, name);
          }
        });
    for (FrontTable.Policy policy : table.policies()) {
      Map<String, float[]> model = weights(Path.of(policy.model()));
      assertEquals(distance(base, model), policy.distance(), 1e-6);
    }
    assertEquals(3, table.angles().size());
    for (FrontTable.Angle angle : table.angles()) {
      // Independent noise over 5,008 weights is orthogonal within 5 standard deviations.
      assertEquals(90, angle.whole(), Math.toDegrees(5 / Math.sqrt(5008)));
      assertTrue(angle.least() < angle.median() && angle.median() < angle.most());
    }
    String card = Files.readString(out.resolve("eta-0.3/README.md"));
    table.lines().forEach(line -> assertTrue(card.contains(line), line));
    assertTrue(card.contains("# out/eta-0.3"), card);
    String json = Files.readString(out.resolve(FrontTable.FILE));
    assertTrue(json.contains("\"distance\" : " + table.points().get(2).distance()), json);
  }

  /** Rounding to bfloat16 moves weights too, or leaves them where they were. */
  @Test
  void distancesAreOfWhatIsStored() throws IOException {
    Path out = folder.resolve("out");
    FrontTable table = write(recipe("out_dtype: bfloat16"), out, false, _ -> {});
    Map<String, float[]> base = weights(GOLDEN.resolve("base"));
    FrontTable.Point first = table.points().getFirst();
    double distance = distance(base, weights(out.resolve("eta-0")));
    assertTrue(distance > 0);
    assertEquals(distance, first.distance(), 1e-9 * distance);
  }

  @Test
  void aStoppedFrontGoesOnToTheSameFiles() throws IOException {
    Path recipe = recipe("");
    Path whole = folder.resolve("whole/out");
    write(recipe, whole, false, _ -> {});
    Path out = folder.resolve("stopped/out");
    assertThrows(Stop.class, () -> write(recipe, out, false, stopAfter(8_000)));
    assertFalse(Files.exists(out));
    long[] seen = {0};
    write(recipe, out, true, more -> seen[0] += more);
    assertEquals(3 * 5_008, seen[0]);
    assertEquals(files(whole), files(out));
    Verification verification = Verification.of(out);
    assertEquals(List.of(), verification.differing());
    assertEquals(9, verification.files());
  }

  @Test
  void everyPointIsAWholeFolder() throws IOException {
    Path out = folder.resolve("out");
    write(recipe(""), out, false, _ -> {});
    for (String point : List.of("eta-0", "eta-0.3", "eta-1")) {
      try (HfCheckpoint model = HfCheckpoint.open(out.resolve(point))) {
        assertEquals(24, model.tensors().size());
      }
      assertTrue(Files.exists(out.resolve(point).resolve("model.safetensors.index.json")));
    }
    Path damaged = out.resolve("eta-1/model-00002-of-00003.safetensors");
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[bytes.length - 1] ^= 1;
    Files.write(damaged, bytes);
    assertEquals(
        List.of("eta-1/model-00002-of-00003.safetensors"), Verification.of(out).differing());
  }

  /** The last front of several iterations: towards the model that all began from. */
  @Test
  void ofOneModelItIsTheLineToIt() throws IOException {
    Path recipe =
        Files.writeString(
            folder.resolve("warp.yml"),
            "{merge_method: warp, base_model: %1$s/base, models: [{model: %1$s/ft1}], parameters: {eta: 1}}"
                .formatted(GOLDEN));
    Path out = folder.resolve("out");
    write(recipe, out, false, _ -> {});
    Map<String, float[]> merged = weights(out.resolve("eta-1"));
    weights(GOLDEN.resolve("ft1"))
        .forEach((name, values) -> assertArrayEquals(values, merged.get(name), 1e-6f, name));
  }

  private Path recipe(String more) throws IOException {
    return Files.writeString(folder.resolve("warp.yml"), RECIPE.formatted(GOLDEN) + more);
  }

  private static FrontTable write(Path recipe, Path out, boolean resume, LongConsumer progress) {
    try (MergePlan plan = MergePlan.of(MergeRecipeFile.read(recipe))) {
      return new MergeRun(plan, OPTIONS, out, SHARD_BYTES).write(resume, progress).orElseThrow();
    }
  }

  private static LongConsumer stopAfter(long parameters) {
    long[] seen = {0};
    return more -> {
      seen[0] += more;
      if (seen[0] > parameters) throw new Stop();
    };
  }

  private static List<String> points(FrontTable table) {
    return table.points().stream().map(point -> point.point().folder()).toList();
  }

  private static Map<String, float[]> weights(Path model) throws IOException {
    Map<String, float[]> weights = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(model)) {
      files
          .filter(file -> file.toString().endsWith(".safetensors"))
          .forEach(file -> weights.putAll(Merges.read(file)));
    }
    return weights;
  }

  private static double distance(Map<String, float[]> base, Map<String, float[]> model) {
    double squares = 0;
    for (String name : base.keySet()) {
      for (int i = 0; i < base.get(name).length; i++) {
        double difference = (double) model.get(name)[i] - base.get(name)[i];
        squares += difference * difference;
      }
    }
    return Math.sqrt(squares);
  }

  /** Every file with its content. */
  private static Map<String, List<Byte>> files(Path out) throws IOException {
    Map<String, List<Byte>> contents = new LinkedHashMap<>();
    try (Stream<Path> files = Files.walk(out)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        List<Byte> bytes = new ArrayList<>();
        for (byte each : Files.readAllBytes(file)) bytes.add(each);
        contents.put(out.relativize(file).toString(), bytes);
      }
    }
    return contents;
  }
}
