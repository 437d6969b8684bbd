package io.gemlab.experiments.program;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.run.AnsweringJvm;
import io.gemlab.experiments.run.ChildJvm;
import io.gemlab.experiments.run.Records;
import io.gemlab.graph.base.process.FreeMemory;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.graph.base.process.ProcessMemory;
import io.gemlab.graph.runtime.NativeRuntime;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.choice.Support;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.record.Outcome;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The process of a {@link TimedCell}: both its sides. It times one program after the other, each in
 * turns between which it waits, or is started anew.
 */
final class CellProcess implements Rounds.Player, AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private static final String LOAD = "load ";
  private static final String TURN = "turn";
  private static final String FINISH = "finish";

  private final TimedCell cell;
  private final boolean stays;
  private final long need;
  private OptionalLong free = OptionalLong.empty();
  private Optional<AnsweringJvm> child = Optional.empty();
  private ModelProgram program;

  /** Of the program that is timed: complete so far, refused or failed. */
  private Outcome outcome = Records.complete();

  /** What the process said last of the program, besides its turns. */
  private RunRecord finished = RunRecord.getDefaultInstance();

  /**
   * @param need bytes that it is reckoned to need
   * @param stays whether it stays between turns
   */
  CellProcess(TimedCell cell, long need, boolean stays) {
    this.cell = cell;
    this.need = need;
    this.stays = stays;
  }

  /** Bytes that the process of a cell is reckoned to need. */
  static long need(TimedCell cell, ProgramNeeds needs) {
    return ChildJvm.RUNTIME_BYTES
        + cell.programs().stream().mapToLong(program -> need(cell, program, needs)).max().orElse(0);
  }

  private static long need(TimedCell cell, ModelProgram program, ProgramNeeds needs) {
    try {
      return needs.of(program, cell.model(), cell.size()).total();
    } catch (RuntimeException untraceable) {
      return 0; // its process will say why
    }
  }

  /** Begins with a program; where its process broke before, it is not tried again. */
  void load(ModelProgram next) throws InterruptedException {
    if (outcome.getStatus() == Outcome.Status.FAILED) return;
    program = next;
    finished = RunRecord.getDefaultInstance();
    outcome = Records.complete();
    if (stays) ask(LOAD + program.name()).ifPresent(answer -> outcome = answer.getOutcome());
  }

  @Override
  public Optional<Turn> turn() throws InterruptedException {
    if (!playing()) return Optional.empty();
    if (!stays) {
      ask(LOAD + program.name()).ifPresent(answer -> outcome = answer.getOutcome());
      if (!playing()) return Optional.empty();
    }
    Optional<Turn> turn = ask(TURN).map(answer -> answer.getTurns(0));
    if (!stays) finish();
    return turn.map(taken -> taken.toBuilder().setFreshProcess(!stays).build());
  }

  /** Whether the program can take a turn. */
  private boolean playing() {
    return outcome.getStatus() == Outcome.Status.COMPLETE;
  }

  private void finish() throws InterruptedException {
    if (playing()) ask(FINISH).ifPresent(answer -> finished = answer);
    if (!stays) close();
  }

  /** Ends with the program: its outcome, and what is known of it besides its turns. */
  RunRecord finished() throws InterruptedException {
    if (stays) finish();
    return finished.toBuilder().setOutcome(outcome).buildPartial();
  }

  private Optional<RunRecord> ask(String request) throws InterruptedException {
    if (child.isEmpty()) {
      free = FreeMemory.bytes();
      child =
          Optional.of(
              new AnsweringJvm(CellProcess.class, options(), List.of(cell.json().toString())));
    }
    try {
      return Optional.of(child.get().ask(request));
    } catch (AnsweringJvm.EndedException e) {
      close();
      if (e.ended().interrupted()) throw new InterruptedException();
      outcome = Records.failed(reason(e.ended(), need, free));
      return Optional.empty();
    }
  }

  /** Nobody else will need what it compiles. */
  private List<String> options() {
    List<String> options = new ArrayList<>(NativeRuntime.KEEPING_NO_PROGRAMS);
    cell.threads().ifPresent(threads -> options.add(JavaProcess.processors(threads)));
    return options;
  }

  /** Why a process ended. */
  static String reason(ChildJvm.Ended ended, long need, OptionalLong free) {
    if (!ended.killed()) return ended.reason();
    String had =
        free.isPresent() ? gib(free.getAsLong()) + " was free" : "it is unknown what was free";
    return ended.reason() + ": needed about " + gib(need) + ", " + had;
  }

  private static String gib(long bytes) {
    return Numbers.significant(bytes / (double) (1L << 30), 2) + " GiB";
  }

  /** Ends the process. */
  @Override
  public void close() {
    child.ifPresent(AnsweringJvm::close);
    child = Optional.empty();
  }

  /** The child: answers requests about the cell that it is given in JSON. */
  public static void main(String[] arguments) throws JsonProcessingException {
    long start = ProcessMemory.resident().orElse(0);
    ObjectNode json = (ObjectNode) JSON.readTree(arguments[0]);
    Child child = new Child(TimedCell.of(new Fields("cell", json)), start);
    AnsweringJvm.answer(child::answer);
  }

  /** The child's side. */
  private static final class Child {
    private final TimedCell cell;
    private final long start;
    private Optional<CellTimer> timer = Optional.empty();

    Child(TimedCell cell, long start) {
      this.cell = cell;
      this.start = start;
    }

    RunRecord answer(String request) {
      return switch (request) {
        case TURN -> RunRecord.newBuilder().addTurns(timer.orElseThrow().turn()).build();
        case FINISH -> finish();
        default -> load(ModelProgram.valueOf(request.substring(LOAD.length())));
      };
    }

    private RunRecord load(ModelProgram program) {
      GraphFunction function = program.trace(cell.model().model(), cell.size());
      if (cell.path().supports(function) instanceof Support.Unsupported refusal) {
        return RunRecord.newBuilder()
            .setOutcome(Records.refused(refusal.reason(), refusal.remedy()))
            .build();
      }
      timer = Optional.of(new CellTimer(cell, program, function));
      return RunRecord.newBuilder().setOutcome(Records.complete()).build();
    }

    private RunRecord finish() {
      try (CellTimer finished = timer.orElseThrow()) {
        return finished.finish(start);
      } finally {
        timer = Optional.empty();
      }
    }
  }
}
