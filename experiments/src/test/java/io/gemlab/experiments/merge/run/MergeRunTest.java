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
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A merge that is stopped and goes on. */
class MergeRunTest {
  private static final long SHARD_BYTES = 40_000;
  private static final MergeOptions OPTIONS = new MergeOptions(false, DropRescale.NORM, 5);

  @TempDir Path folder;

  /** What a kill leaves: an exception runs no more of the merge than that. */
  private static final class Stop extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void aStoppedMergeGoesOnToTheSameFiles() throws IOException {
    Path recipe = Merges.golden("dare_ties.yaml");
    Path whole = folder.resolve("whole");
    write(recipe, whole, OPTIONS, false, _ -> {});

    Path out = folder.resolve("out");
    assertThrows(Stop.class, () -> write(recipe, out, OPTIONS, false, stopAfter(20_000)));
    assertFalse(Files.exists(out));
    Path work = folder.resolve(".out.merging");
    List<Path> shards = shards(work);
    assertEquals(2, shards.size(), shards.toString());
    Files.writeString(work.resolve(".model-00003-of-00004.safetensors.partial-01234567"), "half");

    assertRefused("--resume goes on with it", () -> write(recipe, out, OPTIONS, false, _ -> {}));
    MergeOptions otherSeed = new MergeOptions(false, DropRescale.NORM, 6);
    assertRefused("with another recipe", () -> write(recipe, out, otherSeed, true, _ -> {}));

    long[] seen = {0};
    write(recipe, out, OPTIONS, true, more -> seen[0] += more);
    assertEquals(32_160, seen[0]);
    assertFalse(Files.exists(work));
    try (Stream<Path> files = Files.list(whole)) {
      for (Path file : files.toList()) {
        boolean namesOut = file.endsWith(ModelCard.FILE);
        Path other = out.resolve(file.getFileName());
        if (namesOut) assertTrue(Files.exists(other));
        else
          assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(other), file.toString());
      }
    }
    assertEquals(new Verification(4, List.of(), List.of()), Verification.of(out));
    HfCheckpoint.open(out).close();
  }

  @Test
  void oneThatFailsBeforeItsFirstShardLeavesNothing() throws IOException {
    Path recipe = Merges.golden("linear.yaml");
    Path out = folder.resolve("out");
    assertThrows(Stop.class, () -> write(recipe, out, OPTIONS, false, stopAfter(0)));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }

  private static LongConsumer stopAfter(long parameters) {
    long[] seen = {0};
    return more -> {
      seen[0] += more;
      if (seen[0] > parameters) throw new Stop();
    };
  }

  private static void write(
      Path recipe, Path out, MergeOptions options, boolean resume, LongConsumer progress) {
    try (MergePlan plan = MergePlan.of(MergeRecipeFile.read(recipe))) {
      new MergeRun(plan, options, out, SHARD_BYTES).write(resume, progress);
    }
  }

  private static void assertRefused(String reason, Runnable write) {
    InvalidInput refusal = assertThrows(InvalidInput.class, write::run);
    assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
  }

  private static List<Path> shards(Path work) throws IOException {
    try (Stream<Path> files = Files.list(work)) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
    }
  }
}
