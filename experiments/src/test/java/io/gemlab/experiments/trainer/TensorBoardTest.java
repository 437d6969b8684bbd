package io.gemlab.experiments.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.Python;
import io.gemlab.experiments.SilentMonitor;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What TensorBoard reads of a run that two processes made is what the run's log has. */
@Tag("slow")
final class TensorBoardTest {
  @TempDir private Path folder;

  @Test
  void readsEveryStep() throws IOException, InterruptedException {
    Python python = Python.require("that TensorBoard reads a run's events", "tensorboard");
    Path text = Files.writeString(folder.resolve("text.txt"), "To be, or not. ".repeat(100));
    Path out = folder.resolve("out");
    train(text, out, false, 4);
    train(text, out, true, 7);

    JsonNode read =
        new JsonMapper()
            .readTree(python.run(Path.of("src/test/resources/python/read_events.py"), out));

    List<ObjectNode> steps = JsonLog.read(out.resolve("metrics.jsonl"));
    assertEquals(7, steps.size());
    assertEquals(7, read.path("train/loss").size());
    for (int i = 0; i < steps.size(); i++) {
      JsonNode point = read.path("train/loss").get(i);
      assertEquals(i + 1, point.get(0).asInt());
      assertEquals((float) steps.get(i).path("loss").asDouble(), (float) point.get(1).asDouble());
    }
    List<Integer> validated = new ArrayList<>();
    read.path("validation/loss").forEach(point -> validated.add(point.get(0).asInt()));
    assertEquals(List.of(0, 2, 4, 6, 7), validated);
    for (String tag : List.of("train/grad_norm", "train/tokens_per_second", "train/mfu")) {
      assertEquals(7, read.path(tag).size(), tag);
    }
    for (int layer = 0; layer < 2; layer++) {
      assertEquals(2, read.path("largest_attention_logit/layer_" + layer).size());
      assertEquals(2, read.path("attention_near_cap/layer_" + layer).size());
    }
    assertEquals(2, read.path("train/lost_in_bfloat16").size());
  }

  private static void train(Path text, Path out, boolean resume, int steps) throws IOException {
    List<String> changes =
        List.of(
            "config.num_hidden_layers=2",
            "training.corpus=" + text,
            "training.batch=2",
            "training.length=16",
            "training.warmup_steps=1",
            "training.validation_sequences=4",
            "training.evaluate_every=2",
            "training.diagnose_every=3",
            "training.path=graph",
            "samples.prompts=[]",
            "training.steps=" + steps);
    try (TrainRun run =
        TrainRun.of(
            Path.of("../recipes/train/tiny.yaml"),
            changes,
            out,
            resume,
            Provenance.getDefaultInstance())) {
      run.run(new SilentMonitor());
    }
  }
}
