package io.gemlab.reports.record;

import io.gemlab.reports.record.Outcome.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes and reads {@link RunRecord}s: {@code runs/<id>.run.pb}. */
public final class RunRecords {
  private static final String SUFFIX = ".run.pb";

  private RunRecords() {}

  /**
   * A record as a file, named for its run.
   *
   * @param record its schema and checksum are filled in here
   * @throws IllegalArgumentException if the record leaves out what every record has
   */
  public static SealedRecord seal(RunRecord record) {
    Optional<String> problem = problem(record);
    if (problem.isPresent()) {
      throw new IllegalArgumentException("run record " + record.getId() + " " + problem.get());
    }
    RunRecord complete = record.toBuilder().setSchema(RecordFile.SCHEMA).clearChecksum().build();
    return RecordFile.seal(record.getId(), SUFFIX, complete);
  }

  /**
   * Reads one record.
   *
   * @throws RecordException if it was cut short or damaged, or a newer Gemlab wrote it
   */
  public static RunRecord read(Path file) throws IOException {
    RunRecord record = RecordFile.read(file, RunRecord.parser());
    RecordFile.checkSchema(file, record.getSchema());
    Optional<String> problem = problem(record);
    if (problem.isPresent()) {
      throw RecordException.damaged(file, problem.get(), "repeat the run that wrote it");
    }
    return record;
  }

  /**
   * The files of a folder that are named as records are, by name.
   *
   * @throws RecordException if the folder is missing
   */
  public static List<Path> files(Path folder) throws IOException {
    return RecordFile.list(folder, SUFFIX);
  }

  /** What the record of a run is called in its folder. */
  public static String fileName(String id) {
    return id + SUFFIX;
  }

  /**
   * Reads all records of a folder, by file name.
   *
   * @throws RecordException if the folder is missing, or any record can't be used
   */
  public static List<RunRecord> readAll(Path folder) throws IOException {
    List<RunRecord> records = new ArrayList<>();
    for (Path file : files(folder)) records.add(read(file));
    return List.copyOf(records);
  }

  /** What keeps a record from being one, if anything. */
  private static Optional<String> problem(RunRecord record) {
    if (record.getExperiment().isEmpty()) return Optional.of("names no experiment");
    if (record.getArm().isEmpty()) return Optional.of("names no arm");
    if (!record.hasStarted() || !record.hasEnded()) {
      return Optional.of("does not say when the run started and ended");
    }
    Outcome outcome = record.getOutcome();
    if (outcome.getStatus() == Status.STATUS_UNSPECIFIED
        || outcome.getStatus() == Status.UNRECOGNIZED) {
      return Optional.of("does not say how the run ended");
    }
    if (outcome.getMessage().isEmpty() != (outcome.getStatus() == Status.COMPLETE)) {
      return Optional.of(
          "is " + outcome.getStatus() + " with the message \"" + outcome.getMessage() + "\"");
    }
    return record.getSeriesList().stream()
        .filter(series -> series.getXCount() != series.getYCount())
        .findFirst()
        .map(
            series ->
                "has a series \""
                    + series.getName()
                    + "\" of "
                    + series.getXCount()
                    + " x and "
                    + series.getYCount()
                    + " y");
  }
}
