package io.gemlab.experiments.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SmallModel;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.weights.FreshCheckpoint;
import io.gemlab.reports.record.Provenance;
import io.gemlab.tpu.bundle.Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a run before it runs. */
final class TrainPlanTest {
  private static final String RECIPE =
      """
      checkpoint: %s
      attention: blockwise
      training:
        path: pjrt:tpu
        mesh: data=2,fsdp=2
        batch: 8
        length: 16
        accumulate: 2
        steps: 1000
        layers: scanned
        remat: layer
        skip_spikes: true
      samples: {prompts: []}
      """;

  @TempDir private Path folder;

  private Path recipe;

  @BeforeEach
  void write() throws IOException {
    Path base = folder.resolve("base");
    new FreshCheckpoint(SmallModel.config(), 3, ElementType.F32, Map.of()).write(base, _ -> {});
    recipe = Files.writeString(folder.resolve("recipe.yaml"), RECIPE.formatted(base));
  }

  @Test
  @Tag("tpu")
  void aStepOfMicroBatchesIsAllItsFunctions() throws IOException {
    TrainPlan.Outcome outcome = plan("training.weight_decay=0.1");
    String lines = String.join("\n", outcome.lines());
    assertTrue(outcome.fits(), lines);
    assertTrue(lines.contains("A step, 2 x accumulate and 1 x update, takes "), lines);
    String time =
        "(?s).*the recipe's 1000 steps, 128,000 tokens, take [0-9.]+ (seconds|minutes)\\..*";
    assertTrue(lines.matches(time), lines);
    Bundle bundle = Bundle.read(folder.resolve("out/plan/step.bundle"));
    assertEquals(
        List.of("accumulate", "update"),
        bundle.programs().stream().map(program -> program.signature().name()).toList());
    assertEquals(List.of(2, 1), bundle.programs().stream().map(Bundle.Program::calls).toList());
  }

  @Test
  @Tag("tpu")
  void anAdapterToo() throws IOException {
    TrainPlan.Outcome outcome =
        plan("lora={rank: 4}", "lora.base_dtype=bfloat16", "training.accumulate=1");
    String lines = String.join("\n", outcome.lines());
    assertTrue(outcome.fits(), lines);
    assertTrue(lines.contains(" step fits: "), lines);
    Bundle bundle = Bundle.read(folder.resolve("out/plan/step.bundle"));
    assertEquals(List.of(1), bundle.programs().stream().map(Bundle.Program::calls).toList());
    assertTrue(bundle.roles().keySet().stream().anyMatch(name -> name.contains("lora_A")));
  }

  @Test
  void aQuantizedBaseIsRefused() {
    InvalidInput refusal =
        assertThrows(
            InvalidInput.class,
            () -> plan("lora={rank: 4}", "lora.base_dtype=int4", "training.mesh=null"));
    assertTrue(refusal.getMessage().contains("base_dtype=bfloat16"), refusal::getMessage);
  }

  private TrainPlan.Outcome plan(String... changes) throws IOException {
    return TrainPlan.of(recipe, List.of(changes), "v5e:2x2")
        .run(folder.resolve("out"), Provenance.getDefaultInstance(), _ -> {});
  }
}
