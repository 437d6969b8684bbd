package io.gemlab.experiments.ablate;

import io.gemlab.experiments.run.DeviceProbe;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.run.RunStore;
import io.gemlab.experiments.run.Study;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.files.WholeFolder;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.reports.record.Outcome.Status;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An ablation in its folder: {@code recipe.yaml}, {@code runs/} and, when done, the report. What a
 * run of it left there, the next one with {@code resume} goes on from.
 */
public final class Ablation {
  /** What timing a cell counts for in the progress, where a training step counts for 1. */
  private static final int UNITS_A_CELL = 60;

  /** What the logits of an arm on a path in a type count for. */
  private static final int UNITS_AN_AGREEMENT = 15;

  private final Path folder;
  private final RecipeFile file;
  private final AblationRecipe recipe;
  private final Provenance provenance;

  private Ablation(Path folder, RecipeFile file, Provenance provenance) {
    this.folder = folder;
    this.file = file;
    this.recipe = file.recipe();
    this.provenance = provenance;
  }

  /**
   * Readies an ablation.
   *
   * @param recipe which
   * @param folder where it goes
   * @param resume whether to go on with what is there; without, the folder must be new or empty
   * @throws InvalidInput if the recipe can't be used, a device that it names is not there, or the
   *     folder holds something else
   */
  public static Ablation of(
      RecipeChoice recipe, Path folder, boolean resume, Provenance provenance) {
    Ablation ablation = new Ablation(folder, recipe.file(), provenance);
    DeviceProbe.require(ablation.recipe.paths());
    ablation.claim(resume);
    return ablation;
  }

  /**
   * What an ablation would run and what it takes, for people, a line each. Nothing is run or
   * written.
   *
   * @param folder where it would go; the records of earlier runs there say how long it takes
   * @throws InvalidInput if the recipe can't be used
   */
  public static List<String> dryRun(RecipeChoice recipe, Path folder) throws IOException {
    return new DryRun(recipe.file().recipe(), folder).lines();
  }

  /** All the work there is, in a {@link RunMonitor}'s units. */
  public long work() {
    long training =
        recipe.arms().stream()
            .flatMap(arm -> arm.trained().stream())
            .mapToLong(what -> what.training().steps() * (long) what.training().seeds().size())
            .sum();
    long timing =
        recipe
            .timing()
            .map(what -> (long) what.arms().size() * what.paths().size() * what.lengths().size())
            .orElse(0L);
    return training + timing * UNITS_A_CELL + agreements() * UNITS_AN_AGREEMENT;
  }

  private long agreements() {
    return recipe
        .agreement()
        .map(what -> (long) recipe.arms().size() * what.paths().size() * what.precisions().size())
        .orElse(0L);
  }

  /**
   * Does what is not done yet, and writes the report.
   *
   * @throws RunMonitor.Stopped if the monitor stopped it; everything done so far is on disk
   * @return the report's HTML file
   */
  public Path run(RunMonitor monitor) throws IOException {
    Path runs = Files.createDirectories(folder.resolve("runs"));
    RunStore store = new RunStore(runs, new Study(recipe.name(), file.text(), provenance));
    if (recipe.training().isPresent()) new TrainingRuns(recipe, folder, store).run(monitor);
    if (recipe.timing().isPresent()) {
      new TimingRuns(recipe, store).run(monitor, UNITS_A_CELL);
    }
    if (recipe.agreement().isPresent()) {
      new AgreementRuns(recipe, folder, store).run(monitor, UNITS_AN_AGREEMENT);
    }
    monitor.now("report");
    return AblationReport.write(folder, recipe, file.text());
  }

  /** What failed of the runs so far, a line each; a refusal is a finding. */
  public List<String> failures() throws IOException {
    return RunRecords.readAll(folder.resolve("runs")).stream()
        .filter(run -> run.getOutcome().getStatus() == Status.FAILED)
        .map(run -> run.getId() + ": " + run.getOutcome().getMessage())
        .toList();
  }

  /** Makes the folder this recipe's, or finds it so. */
  private void claim(boolean resume) {
    Path saved = folder.resolve("recipe.yaml");
    try {
      if (resume) {
        if (!Files.exists(saved)) {
          throw new InvalidInput(
              folder + " has no recipe.yaml: nothing to resume; leave out --resume");
        }
        // Read again, since a version before this one may have left keys out that have defaults
        // now.
        if (!RecipeFile.read(saved).text().equals(file.text())) {
          throw new InvalidInput(
              saved + " is another recipe than this one; resume it with its own recipe and flags");
        }
        return;
      }
      if (WholeFolder.entry(folder).isPresent()) {
        throw new InvalidInput(
            folder + " is not empty; give --resume to go on with it, or another --out");
      }
      WholeFile.write(saved, file.text().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("using " + folder, e);
    }
  }

  /** Makes the report of an ablation's folder again; answers its HTML file. */
  public static Path report(Path folder) throws IOException {
    RecipeFile file = RecipeFile.read(folder.resolve("recipe.yaml"));
    return AblationReport.write(folder, file.recipe(), file.text());
  }
}
