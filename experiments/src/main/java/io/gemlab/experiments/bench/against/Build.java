package io.gemlab.experiments.bench.against;

import io.gemlab.experiments.run.ChildLogs;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.record.Outcome;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.RunRecords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A checkout of Gemlab, run by its launcher.
 *
 * @param home the folder with {@code gemlab} in it
 */
public record Build(Path home) {
  private static final String LAUNCHER = "gemlab";

  /**
   * @throws InvalidInput if there is no launcher in the folder
   */
  public Build {
    home = home.toAbsolutePath().normalize();
    if (!Files.isExecutable(home.resolve(LAUNCHER))) {
      throw new InvalidInput(
          home
              + " holds no program "
              + LAUNCHER
              + "; give the folder of a checkout of Gemlab, such as one that git worktree made");
    }
  }

  /**
   * What one {@code bench} measured.
   *
   * @param millis the median of each cell's calls, by the cell's name
   * @param provenance where they come from; empty where there are none
   */
  record Measured(Map<String, Double> millis, Optional<Provenance> provenance) {}

  /**
   * Builds it where it is not built yet, so that no measurement waits for that.
   *
   * @throws InvalidInput if it can't be built
   */
  void prepare() throws InterruptedException {
    Ended ended = run(List.of("--version"));
    if (ended.exitCode() != 0) {
      throw new InvalidInput(home + " can't be built: " + ended.lastLine());
    }
  }

  /**
   * Runs one {@code bench} and answers what it measured.
   *
   * @param arguments its flags but {@code --out}
   * @param out where its report goes
   * @throws CellException if a cell was refused or broke
   */
  Measured bench(List<String> arguments, Path out) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("bench"));
    command.addAll(arguments);
    command.add("--out=" + out);
    Ended ended = run(command);
    try {
      if (ended.exitCode() != 0) throw new CellException(this, ended.lastLine());
      return measured(RunRecords.readAll(out.resolve("runs")));
    } catch (IOException e) {
      throw new CellException(this, "no records in " + out + " (" + e.getMessage() + ")");
    }
  }

  private Measured measured(List<RunRecord> records) {
    Map<String, Double> millis = new LinkedHashMap<>();
    for (RunRecord record : records) {
      if (record.getOutcome().getStatus() != Outcome.Status.COMPLETE) {
        throw new CellException(this, record.getArm() + ": " + record.getOutcome().getMessage());
      }
      for (Measurement measured : record.getMeasurementsList()) {
        if (!measured.getUnit().equals("ms") || measured.getSamplesCount() == 0) continue;
        String what = measured.getName().equals("time") ? "" : ", " + measured.getName();
        millis.put(record.getArm() + what, measured.getValue());
      }
    }
    return new Measured(millis, records.stream().map(RunRecord::getProvenance).findFirst());
  }

  private record Ended(int exitCode, String lastLine) {}

  private Ended run(List<String> arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of(home.resolve(LAUNCHER).toString()));
    command.addAll(arguments);
    try {
      Path log = ChildLogs.create();
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
          int exitCode = process.waitFor();
          List<String> lines =
              Files.readAllLines(log).stream().filter(line -> !line.isBlank()).toList();
          return new Ended(exitCode, lines.isEmpty() ? "it wrote nothing" : lines.getLast());
        } finally {
          end(process);
        }
      } finally {
        Files.delete(log);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("running " + home.resolve(LAUNCHER), e);
    }
  }

  private static void end(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) process.destroyForcibly();
  }

  /** A build did not measure what was asked. */
  static final class CellException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CellException(Build build, String reason) {
      super(build.home() + ": " + reason);
    }
  }
}
