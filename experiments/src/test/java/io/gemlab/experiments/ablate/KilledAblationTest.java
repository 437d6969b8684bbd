package io.gemlab.experiments.ablate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SilentMonitor;
import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.ablate.recipe.RecipeChoice;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.RunRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An ablation whose process is killed in every stage ends with the numbers of one that is not. */
@Tag("slow")
class KilledAblationTest {
  private static final String RECIPE =
      """
      name: killed
      question: Does it go on?
      preset: tiny
      config: %s
      arms:
        - {name: control, attention: eager}
        - {name: blockwise, attention: blockwise}
      training:
        path: graph
        seeds: [1, 2]
        steps: 120
        batch: 2
        length: 32
        validation_sequences: 4
        evaluate_every: 30
      timing: {paths: [graph], lengths: [16, 32], batch: 1, samples: 5}
      agreement: {paths: [eager, graph], dtypes: [float32, bfloat16], rows: 1, length: 16}
      """
          .formatted(SmallModel.OVERLAY);

  @TempDir Path folder;

  /** So long after a stage began. */
  private record Kill(String stage, int millis) {}

  @Test
  void inEveryStage() throws IOException, InterruptedException {
    Path recipe = Files.writeString(folder.resolve("given.yaml"), RECIPE);
    Path whole = folder.resolve("whole");
    ablation(recipe, whole, false).run(new SilentMonitor());

    Path killed = folder.resolve("killed");
    for (Kill kill :
        List.of(
            new Kill("control, seed 1", 0),
            new Kill("control, seed 1", 300),
            new Kill("control, seed 2", 100),
            new Kill("blockwise, seed 2", 400),
            new Kill("blockwise, training step", 300),
            new Kill("control, graph, 16 tokens", 500),
            new Kill("blockwise, graph, 16 tokens", 0),
            new Kill("blockwise, graph, 16 tokens", 800),
            new Kill("control, graph, 32 tokens", 300),
            new Kill("logits of control, graph, float32", 0),
            new Kill("logits of blockwise, eager, float32", 20),
            new Kill("logits of blockwise, eager, bfloat16", 0))) {
      Map<String, byte[]> cells = timed(killed);
      killOne(kill, recipe, killed);
      for (Map.Entry<String, byte[]> cell : cells.entrySet()) {
        Path file = killed.resolve("runs").resolve(cell.getKey());
        assertArrayEquals(cell.getValue(), Files.readAllBytes(file), cell.getKey());
      }
    }
    assertEquals(6, timed(killed).size());
    ablation(recipe, killed, true).run(new SilentMonitor());

    List<RunRecord> expected = RunRecords.readAll(whole.resolve("runs"));
    assertEquals(
        expected.stream().map(RunRecord::getId).toList(),
        RunRecords.readAll(killed.resolve("runs")).stream().map(RunRecord::getId).toList());
    for (RunRecord run : expected) {
      if (isTimed(run.getId())) continue;
      RunRecord again = RunRecords.read(killed.resolve("runs/" + run.getId() + ".run.pb"));
      assertEquals(run.getSeriesList(), again.getSeriesList(), run.getId());
      assertEquals(computed(run), computed(again), run.getId());
    }
    String weights = "checkpoint/model.safetensors";
    assertEquals(-1, Files.mismatch(whole.resolve(weights), killed.resolve(weights)));
    try (var left = Files.walk(killed)) {
      assertEquals(
          List.of(),
          left.map(file -> file.getFileName().toString())
              .filter(name -> name.contains(".partial-") || name.contains(".state."))
              .toList());
    }
    String report = Files.readString(Ablation.report(killed, _ -> {}).resolveSibling("report.md"));
    assertTrue(report.contains("Every run was completed, and ran as requested."), report);
  }

  /** The measurements of a run that its time is none of. */
  private static List<Measurement> computed(RunRecord run) {
    return run.getMeasurementsList().stream()
        .filter(measured -> !measured.getName().equals(Measures.TRAINING_TIME.name()))
        .toList();
  }

  private static boolean isTimed(String id) {
    return id.startsWith("timing-") || id.startsWith("step-");
  }

  /** The records of timed cells, and of training steps timed alone, that are done. */
  private static Map<String, byte[]> timed(Path out) throws IOException {
    Map<String, byte[]> timed = new HashMap<>();
    if (!Files.exists(out.resolve("runs"))) return timed;
    for (Path file : RunRecords.files(out.resolve("runs"))) {
      String name = file.getFileName().toString();
      boolean complete = RunRecords.read(file).getOutcome().getMessage().isEmpty();
      if (complete && isTimed(name)) timed.put(name, Files.readAllBytes(file));
    }
    return timed;
  }

  /** Goes on in a process, and kills it. */
  private void killOne(Kill kill, Path recipe, Path out) throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    Files.deleteIfExists(log);
    List<String> arguments = List.of(recipe.toString(), out.toString());
    Process process =
        JavaProcess.of(KilledAblationTest.class, List.of("-Xmx1g"), arguments, log).start();
    try {
      while (process.isAlive() && !Files.readString(log).contains("now " + kill.stage() + "\n")) {
        Thread.sleep(2);
      }
      Thread.sleep(kill.millis());
      assertTrue(process.isAlive(), () -> kill + " came too late: " + text(log));
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static String text(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** The process that is killed. */
  public static void main(String[] arguments) throws IOException {
    JavaProcess.endWithParent();
    Path out = Path.of(arguments[1]);
    ablation(Path.of(arguments[0]), out, Files.exists(out.resolve("recipe.yaml"))).run(new Slow());
  }

  private static Ablation ablation(Path recipe, Path out, boolean resume) {
    return Ablation.of(
        new RecipeChoice(Optional.of(recipe), false, List.of()),
        out,
        resume,
        Provenance.getDefaultInstance());
  }

  /** Says what it does, and takes its time, so that the kill comes while it does that. */
  private static final class Slow extends SilentMonitor {
    @Override
    public void worked(long units) {
      pause();
    }

    @Override
    public void now(String what) {
      System.out.println("now " + what);
      pause();
    }

    private static void pause() {
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
