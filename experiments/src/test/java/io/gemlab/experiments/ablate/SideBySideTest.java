package io.gemlab.experiments.ablate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gemlab.experiments.SilentMonitor;
import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.ablate.recipe.RecipeChoice;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.run.RunView;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.RunRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are long enough are made in processes of their own, and logits there too. */
class SideBySideTest {
  private static final String RECIPE =
      """
      name: small
      question: Does it run?
      preset: tiny
      config: %s
      arms:
        - {name: control, attention: eager}
        - {name: blockwise, attention: blockwise}
      training:
        path: graph
        seeds: [1, 2]
        steps: 400
        warmup_steps: 2
        batch: 2
        length: 16
        validation_sequences: 4
        evaluate_every: 50
      """
          .formatted(SmallModel.OVERLAY);

  @TempDir Path folder;

  @BeforeEach
  void onSeveralCores() {
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1);
  }

  /** Trains; then the ablation is stopped, before steps are run alone. */
  private Map<String, RunRecord> train(String name, boolean resume, RunMonitor monitor)
      throws IOException {
    Path recipe = Files.writeString(folder.resolve("given.yaml"), RECIPE);
    Path out = folder.resolve(name);
    Ablation ablation =
        Ablation.of(
            new RecipeChoice(Optional.of(recipe), false, List.of()),
            out,
            resume,
            Provenance.newBuilder().setGemlabVersion("test").build());
    assertThrows(RunMonitor.Stopped.class, () -> ablation.run(monitor));
    return RunRecords.readAll(out.resolve("runs")).stream()
        .filter(run -> run.getId().startsWith("training-"))
        .collect(Collectors.toMap(RunRecord::getId, Function.identity()));
  }

  private List<Path> states(String name) throws IOException {
    try (var files = Files.list(folder.resolve(name).resolve("runs"))) {
      return files.filter(file -> file.toString().contains(".state.")).toList();
    }
  }

  @Test
  void whatIsStoppedGoesOnToTheSameNumbers() throws IOException {
    Counting all = new Counting(true);
    Map<String, RunRecord> whole = train("whole", false, all);
    assertEquals(4, whole.size());
    assertEquals(4 * 400, all.units);
    for (RunRecord record : whole.values()) {
      RunView run = new RunView(record);
      assertTrue(run.isComplete(), record::toString);
      assertEquals(1, run.value(Measures.THREADS));
      assertEquals("test", record.getProvenance().getGemlabVersion());
    }

    StopsAfter stops = new StopsAfter(500);
    Map<String, RunRecord> stopped = train("stopped", false, stops);
    assertTrue(stopped.values().stream().anyMatch(run -> !new RunView(run).isComplete()));
    assertTrue(!states("stopped").isEmpty(), "a state is on disk");

    Counting rest = new Counting(true);
    Map<String, RunRecord> resumed = train("stopped", true, rest);
    assertEquals(4 * 400, rest.units);
    assertEquals(List.of(), states("stopped"));
    whole.forEach(
        (id, run) -> assertEquals(run.getSeriesList(), resumed.get(id).getSeriesList(), id));
  }

  @Test
  void aKilledProcessFailsItsRunAndTheOthersGoOn() throws IOException {
    Map<String, RunRecord> broken = train("out", false, new KillsAChild());
    List<RunRecord> failed =
        broken.values().stream().filter(run -> new RunView(run).isFailed()).toList();
    assertEquals(4, broken.size());
    assertEquals(1, failed.size());
    assertEquals("killed, probably for memory", failed.getFirst().getOutcome().getMessage());

    Map<String, RunRecord> whole = train("out", true, new Counting(true));
    assertTrue(whole.values().stream().allMatch(run -> new RunView(run).isComplete()));
  }

  @Test
  void logitsAreComputedThereToo() throws IOException {
    String shorter = RECIPE.replace("400", "100");
    String agreement =
        "agreement: {paths: [eager, graph], dtypes: [float32], rows: 1, length: 16}\n";
    Path recipe = Files.writeString(folder.resolve("given.yaml"), shorter + agreement);
    Path out = folder.resolve("out");
    SeesChildren monitor = new SeesChildren();
    Ablation.of(
            new RecipeChoice(Optional.of(recipe), false, List.of()),
            out,
            false,
            Provenance.newBuilder().setGemlabVersion("test").build())
        .run(monitor);
    assertTrue(monitor.seen, "logits are computed in a process of their own");
    List<RunView> runs =
        RunRecords.readAll(out.resolve("runs")).stream()
            .filter(run -> run.getId().startsWith("agreement-"))
            .map(RunView::new)
            .toList();
    assertEquals(4, runs.size());
    for (RunView run : runs) {
      assertTrue(run.isComplete());
      assertTrue(run.value(Measures.LOGIT_DIFFERENCE) < 1e-3);
    }
  }

  /** Whether a process makes logits. */
  private static final class SeesChildren extends SilentMonitor {
    private boolean seen;

    @Override
    public void now(String what) {
      if (what.startsWith("agreement")) {
        seen |= ProcessHandle.current().children().findAny().isPresent();
      }
    }
  }

  /** Once so many steps are done. */
  private static final class StopsAfter extends SilentMonitor {
    private final long steps;
    private long done;

    StopsAfter(long steps) {
      this.steps = steps;
    }

    @Override
    public void worked(long units) {
      done += units;
    }

    @Override
    public void check() {
      if (done >= steps) throw new Stopped();
    }
  }

  /** When the first steps are done; it stops where training is. */
  private static final class KillsAChild extends SilentMonitor {
    private boolean killed;

    @Override
    public void worked(long units) {
      if (killed) return;
      killed = true;
      ProcessHandle.current().children().findFirst().orElseThrow().destroyForcibly();
    }

    @Override
    public void now(String what) {
      if (what.endsWith(", training step")) throw new Stopped();
    }
  }
}
