package io.gemlab.experiments.program;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.run.ChildJvm;
import io.gemlab.experiments.run.Records;
import io.gemlab.graph.base.process.ProcessMemory;
import io.gemlab.reports.record.RunRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The process of a {@link TimedCell}: both its sides. */
public final class CellProcess {
  private static final JsonMapper JSON = new JsonMapper();

  /** How a process ends that Ctrl-C ended. */
  private static final int INTERRUPTED = 130;

  private CellProcess() {}

  /**
   * Times a cell in a process of its own. Cells that are compared run one after the other, so that
   * a machine that drifts drifts for all of them.
   *
   * @return for each program what {@link CellTimer} says of a record, its outcome included; a
   *     failure where the process broke
   * @throws InterruptedException if the thread or the process was interrupted; the process has
   *     ended
   */
  public static List<RunRecord> run(TimedCell cell) throws InterruptedException {
    try {
      Path result = Files.createTempFile("gemlab-cell", ".pb");
      try {
        ChildJvm.Ended ended =
            ChildJvm.run(CellProcess.class, List.of(cell.json().toString(), result.toString()));
        if (ended.exitCode() == 0) return read(result, cell.programs().size());
        if (ended.exitCode() == INTERRUPTED) throw new InterruptedException();
        String reason = "exit code " + ended.exitCode() + ": " + ended.lastLine();
        RunRecord broken = RunRecord.newBuilder().setOutcome(Records.failed(reason)).buildPartial();
        return Collections.nCopies(cell.programs().size(), broken);
      } finally {
        Files.delete(result);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("timing " + cell.model().name(), e);
    }
  }

  private static List<RunRecord> read(Path file, int count) throws IOException {
    List<RunRecord> records = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      for (int i = 0; i < count; i++) records.add(RunRecord.parseDelimitedFrom(in));
    }
    return records;
  }

  /** The child: a cell in JSON, and the file for what was measured. */
  public static void main(String[] arguments) {
    long start = ProcessMemory.resident().orElse(0);
    ChildJvm.doAndEnd(
        () -> {
          ObjectNode json = (ObjectNode) JSON.readTree(arguments[0]);
          TimedCell cell = TimedCell.of(new Fields("cell", json));
          try (OutputStream out = Files.newOutputStream(Path.of(arguments[1]))) {
            for (ModelProgram program : cell.programs()) {
              new CellTimer(cell, program).measure(start).writeDelimitedTo(out);
            }
          }
        });
  }
}
