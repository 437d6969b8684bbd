package io.gemlab.experiments.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.experiments.run.AnsweringJvm;
import io.gemlab.experiments.run.ChildJvm;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.Outcome;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.Turn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In processes; what a machine's load makes of it, {@link RoundsTest} and others say. */
class TimedComparisonTest {
  private static final QuietMachine DONT_WAIT = QuietMachine.unawaited();

  @Test
  void cellsTakeTurnsAtEachProgram() throws InterruptedException {
    Map<String, TimedCell> cells = new LinkedHashMap<>();
    cells.put("a", cell("eager", "graph", ModelProgram.FORWARD, ModelProgram.DECODE));
    cells.put("b", cell("blockwise", "graph", ModelProgram.FORWARD, ModelProgram.DECODE));
    List<String> steps = new ArrayList<>();
    Map<String, List<RunRecord>> timed =
        new TimedComparison(cells, DONT_WAIT, new ProgramNeeds()).run(steps::add);
    assertEquals(2 * TimedComparison.steps(2, 5), steps.size());
    assertEquals(
        List.of("a", "b", "a, turn 1", "b, turn 1", "a, turn 2", "b, turn 2"), steps.subList(0, 6));
    assertComplete(timed.get("a").getFirst());
    assertComplete(timed.get("a").getLast());
    assertComplete(timed.get("b").getFirst());
    assertTrue(turns(timed.get("a").getFirst()).tookTurnsWith(turns(timed.get("b").getFirst())));
    RunRecord why = timed.get("b").getLast();
    assertEquals(Outcome.Status.FAILED, why.getOutcome().getStatus());
    assertTrue(why.getOutcome().getMessage().contains("blockwise"), why::toString);
  }

  /** All are loaded together; only those of one size are compared. */
  @Test
  void cellsOfOneSizeTakeTurns() throws InterruptedException {
    TimedCell small = cell("eager", "graph", ModelProgram.FORWARD);
    TimedCell large =
        new TimedCell(
            small.model(),
            small.programs(),
            small.path(),
            new BatchShape(2, 16),
            small.samples(),
            false);
    Map<String, TimedCell> cells = new LinkedHashMap<>();
    cells.put("a", small);
    cells.put("b", large);
    cells.put("c", small);
    List<String> steps = new ArrayList<>();
    Map<String, List<RunRecord>> timed =
        new TimedComparison(cells, DONT_WAIT, new ProgramNeeds()).run(steps::add);
    assertEquals(TimedComparison.steps(3, 5), steps.size());
    assertEquals(List.of("a", "b", "c", "a, turn 1", "c, turn 1"), steps.subList(0, 5));
    assertEquals("b, turn 1", steps.get(3 + 2 * 5));
    timed.values().forEach(records -> assertComplete(records.getFirst()));
  }

  private static void assertComplete(RunRecord record) {
    RunView run = new RunView(record);
    assertTrue(run.isComplete(), record::toString);
    assertTrue(run.value(CellTimer.PRODUCTS) > 0);
    assertTrue(run.value(CellTimer.MEMORY) > 0);
    assertTrue(run.samples(CellTimer.TIME).size() >= Turns.LEAST_QUIET);
    List<Turn> turns = record.getTurnsList();
    assertEquals(5, turns.stream().map(Turn::getRound).distinct().count());
    assertTrue(turns.stream().noneMatch(Turn::getFreshProcess));
    assertTrue(turns.stream().allMatch(turn -> turn.getSamplesCount() > 1));
  }

  private static Turns turns(RunRecord record) {
    return Turns.of(new RunView(record), CellTimer.TIME);
  }

  @Test
  void whereTheyCantStayEachTurnHasItsProcess() throws InterruptedException {
    TimedCell cell = cell("eager", "graph", ModelProgram.FORWARD);
    try (CellProcess process = new CellProcess(cell, 0, false)) {
      process.load(ModelProgram.FORWARD);
      for (int turn = 0; turn < 2; turn++) {
        assertTrue(process.turn().orElseThrow().getFreshProcess());
      }
      RunView run = new RunView(process.finished());
      assertTrue(run.isComplete());
      assertTrue(run.value(CellTimer.PRODUCTS) > 0);
    }
  }

  /** Or it would disturb the others. */
  @ParameterizedTest
  @ValueSource(strings = {"eager", "graph", "clustered", "fused"})
  void aProcessThatWaitsTakesNoTime(String path) throws Exception {
    TimedCell cell = cell("eager", path, ModelProgram.DECODE);
    try (AnsweringJvm child =
        new AnsweringJvm(CellProcess.class, List.of(), List.of(cell.json().toString()))) {
      child.ask("load DECODE");
      child.ask("turn");
      Thread.sleep(500); // what the JVM still compiles
      Duration before = processorTime(child);
      Thread.sleep(2000);
      long millis = processorTime(child).minus(before).toMillis();
      assertTrue(millis <= 40, millis + " ms of 2 s");
    }
  }

  private static Duration processorTime(AnsweringJvm child) {
    return ProcessHandle.of(child.pid()).orElseThrow().info().totalCpuDuration().orElseThrow();
  }

  @Test
  void ofAKilledProcessTheMemoryIsTold() {
    ChildJvm.Ended killed = new ChildJvm.Ended(137, "MLIR V1 optimization pass is not enabled");
    assertEquals(
        "killed, probably for memory: needed about 3.5 GiB, 1.2 GiB was free",
        CellProcess.reason(killed, 7L << 29, OptionalLong.of(1288490189)));
    ChildJvm.Ended broken = new ChildJvm.Ended(1, "no such path");
    assertEquals("exit code 1: no such path", CellProcess.reason(broken, 7, OptionalLong.empty()));
    assertFalse(broken.killed());
  }

  @Test
  void aProcessThatIsKilledFailsAndTheRestGoesOn() throws InterruptedException {
    TimedCell cell = cell("eager", "graph", ModelProgram.FORWARD);
    try (CellProcess process =
        new CellProcess(cell, CellProcess.need(cell, new ProgramNeeds()), true)) {
      process.load(ModelProgram.FORWARD);
      ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
      assertTrue(process.turn().isEmpty());
      assertTrue(process.turn().isEmpty());
      Outcome outcome = process.finished().getOutcome();
      assertEquals(Outcome.Status.FAILED, outcome.getStatus());
      assertTrue(
          outcome.getMessage().startsWith("killed, probably for memory: needed about 0."),
          outcome::getMessage);
    }
  }

  private static TimedCell cell(String attention, String path, ModelProgram... programs) {
    return new TimedCell(
        new ModelSpec(
            "small",
            SmallModel.config(),
            OpChoice.of(Choices.attention(attention)),
            Precision.BFLOAT16),
        List.of(programs),
        Choices.path(path),
        new BatchShape(2, 12),
        5,
        false);
  }
}
