package io.gemlab.reports.render;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.record.Deviation;
import io.gemlab.reports.record.Execution;
import io.gemlab.reports.record.Outcome;
import io.gemlab.reports.record.Outcome.Status;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RunBlocksTest {
  @Test
  void saysSoWhereEverythingRanAsAsked() {
    Block.Paragraph paragraph =
        (Block.Paragraph) RunBlocks.departures(List.of(run("a", 1).build())).getFirst();
    assertTrue(text(paragraph).contains("ran as requested"));
  }

  @Test
  void eachDepartureIsToldOnceWithItsRuns() {
    Deviation deviation =
        Deviation.newBuilder()
            .setSwitch("softcap")
            .setAsked("50.0")
            .setRan("none")
            .setReason("sdpa has none")
            .setRemedy("use blockwise")
            .build();
    List<RunRecord> runs =
        IntStream.rangeClosed(1, 8)
            .mapToObj(seed -> run("sdpa", seed).addDeviations(deviation).build())
            .toList();
    List<Block> blocks = RunBlocks.departures(runs);
    assertEquals(1, blocks.size());
    Block.Notice notice = (Block.Notice) blocks.getFirst();
    assertEquals(Block.Notice.Kind.WARNING, notice.kind());
    assertEquals(
        "softcap: asked 50.0, ran none: sdpa has none. Remedy: use blockwise. Runs sdpa.1, sdpa.2,"
            + " sdpa.3, sdpa.4, sdpa.5, sdpa.6 and 2 more.",
        text(notice.text()));
  }

  @Test
  void refusedFailedAndStoppedRunsAreTold() {
    List<Block> blocks =
        RunBlocks.departures(
            List.of(
                run("a", 1).setOutcome(outcome(Status.REFUSED, "no such path")).build(),
                run("b", 1).setOutcome(outcome(Status.FAILED, "out of memory")).build(),
                run("c", 1).setOutcome(outcome(Status.INTERRUPTED, "Ctrl-C")).build()));
    assertEquals(
        List.of(
            "REFUSAL a: no such path. Run a.1.",
            "WARNING b failed: out of memory. Run b.1.",
            "WARNING c was stopped: Ctrl-C. Run c.1."),
        blocks.stream()
            .map(block -> (Block.Notice) block)
            .map(notice -> notice.kind() + " " + text(notice.text()))
            .toList());
  }

  @Test
  void runsThatExecutedAlikeShareARow() {
    Execution.Builder graph =
        Execution.newBuilder().setPathAsked("graph").setPathRan("graph").setNodesExecuted(100);
    Execution.Builder fused =
        Execution.newBuilder().setPathAsked("fused").setPathRan("fused").setXlaUsed(true);
    Block.Table table =
        RunBlocks.executions(
            List.of(
                run("a", 1).setExecution(graph).build(),
                run("b", 1).setExecution(graph).build(),
                run("a", 2).setExecution(fused.setCompileSeconds(4)).build(),
                run("a", 3).setExecution(fused.setCompileSeconds(5)).build(),
                run("refused", 1).build()));
    assertEquals(2, table.rows().size());
    assertEquals(Cell.text("a, b"), table.rows().get(0).getFirst());
    assertEquals(Cell.number(5), table.rows().get(1).get(6));
    assertEquals(Cell.missing("unknown"), table.rows().get(1).get(5));
    assertEquals(8, table.columns().size());

    Block.Table noted =
        RunBlocks.executions(
            List.of(run("a", 1).setExecution(graph.addNotes("Loop unrolled.")).build()));
    assertEquals(Cell.text("Loop unrolled."), noted.rows().getFirst().getLast());
  }

  @Test
  void provenanceEndsWithTheCommand() {
    List<Block> blocks =
        RunBlocks.provenance(
            Provenance.newBuilder().setGitCommit("abc").setCommand("./gemlab ablate").build());
    Block.KeyValues facts = (Block.KeyValues) blocks.getFirst();
    assertFalse(facts.entries().stream().anyMatch(fact -> fact.value().isEmpty()));
    assertEquals(new Block.Code("sh", "./gemlab ablate"), blocks.getLast());
  }

  private static Outcome outcome(Status status, String message) {
    return Outcome.newBuilder().setStatus(status).setMessage(message).build();
  }

  private static RunRecord.Builder run(String arm, int seed) {
    return RunRecord.newBuilder()
        .setId(arm + "." + seed)
        .setArm(arm)
        .setOutcome(Outcome.newBuilder().setStatus(Status.COMPLETE));
  }

  private static String text(Block.Paragraph paragraph) {
    StringBuilder text = new StringBuilder();
    paragraph.spans().forEach(span -> text.append(span.text()));
    return text.toString();
  }
}
