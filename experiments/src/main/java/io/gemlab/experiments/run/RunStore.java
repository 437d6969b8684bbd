package io.gemlab.experiments.run;

import com.google.protobuf.Timestamp;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import io.gemlab.reports.record.Deviation;
import io.gemlab.reports.record.Factor;
import io.gemlab.reports.record.Outcome;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.RunRecords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The records of a study's runs, one file a run. */
public final class RunStore {
  private final Path folder;
  private final Study study;
  private final DataHashes hashes;

  /**
   * @param folder where the records are
   * @param hashes of what runs read
   */
  public RunStore(Path folder, Study study, DataHashes hashes) {
    this.folder = folder;
    this.study = study;
    this.hashes = hashes;
  }

  /**
   * A run to be recorded.
   *
   * @param id the record's name: unique in the study, usable as a file name
   * @param kind which of the study's kinds of runs it is
   * @param arm what is run
   * @param seed of it; 0 for one that draws nothing
   * @param factors what tells it from the study's other runs
   * @param deviations what it runs otherwise than asked, with permission
   * @param settings what shapes it
   */
  public record Run(
      String id,
      String kind,
      String arm,
      long seed,
      List<Factor> factors,
      List<Deviation> deviations,
      RunSettings settings) {
    public Run {
      factors = List.copyOf(factors);
      deviations = List.copyOf(deviations);
    }

    /** What its record is called. */
    String fileName() {
      return RunRecords.fileName(id);
    }

    /** What to call it to people. */
    public String described() {
      if (settings.values().has("seed")) return arm + tried() + ", seed " + seed;
      List<String> words = new ArrayList<>(List.of(kind + " of " + arm));
      for (Factor factor : factors) {
        switch (factor.getName()) {
          case RunView.PATH, RunView.DTYPE -> words.add(factor.getLevel());
          case RunView.LENGTH -> words.add(factor.getLevel() + " tokens");
          default -> {} // the arm says it
        }
      }
      return String.join(", ", words);
    }

    private String tried() {
      return factors.stream()
          .filter(factor -> factor.getName().equals(RunView.TRIED))
          .map(factor -> ", learning rate " + factor.getLevel())
          .findFirst()
          .orElse("");
    }
  }

  public Path folder() {
    return folder;
  }

  /**
   * Whether a run was made; a refusal is made too, and what diverged; a failure is not.
   *
   * @throws InvalidInput if its record is damaged, or was made with other settings
   */
  public boolean has(Run run) {
    Path file = folder.resolve(run.fileName());
    if (!Files.exists(file)) return false;
    try {
      RunRecord record = RunRecords.read(file);
      run.settings()
          .difference(record.getIdentity(), hashes)
          .ifPresent(
              difference -> {
                throw new InvalidInput(file + " was made with other settings: " + difference);
              });
      RunView made = new RunView(record);
      return made.isComplete() || made.isDiverged() || made.status() == Outcome.Status.REFUSED;
    } catch (IOException e) {
      throw new InvalidInput(e.getMessage(), e);
    }
  }

  /**
   * Makes a run and keeps its record, however it ends: a refusal, an exception and a stop are
   * recorded with their reason. Only a stop goes on to the caller. A record is there from the
   * beginning, so that what a killed process leaves has one too.
   *
   * @param work fills in what it measured
   * @return how it ended
   * @throws RunMonitor.Stopped if the work was stopped
   */
  public Outcome.Status make(Run run, Consumer<RunRecord.Builder> work) {
    Timestamp started = Records.now();
    RunRecord.Builder record =
        RunRecord.newBuilder()
            .setId(run.id())
            .setExperiment(study.name() + "/" + run.kind())
            .setArm(run.arm())
            .setSeed(run.seed())
            .addAllFactors(run.factors())
            .addAllDeviations(run.deviations())
            .setStarted(started)
            .setProvenance(study.provenance())
            .setRecipeYaml(study.recipe())
            .setIdentity(run.settings().identity(hashes));
    write(record.setOutcome(Records.begun()));
    record.setOutcome(Records.complete());
    try {
      work.accept(record);
    } catch (UnsupportedChoiceException refusal) {
      record.setOutcome(Records.refused(refusal.getMessage(), "")).clearDeviations();
    } catch (RunMonitor.Stopped stopped) {
      write(record.setOutcome(Records.interrupted()));
      throw stopped;
    } catch (InvalidInput | NotFiniteException failure) {
      record.setOutcome(Records.failed(failure.getMessage()));
    } catch (RuntimeException | OutOfMemoryError broken) {
      record.setOutcome(Records.failed(broken.toString()));
    }
    write(record);
    return record.getOutcome().getStatus();
  }

  private void write(RunRecord.Builder record) {
    try {
      ReportWriter.write(folder, RunRecords.seal(record.setEnded(Records.now()).build()));
    } catch (IOException e) {
      throw new UncheckedIOException("writing the record of " + record.getId(), e);
    }
  }
}
