package io.gemlab.experiments.ablate.report;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.Basis;
import io.gemlab.experiments.ablate.run.AblationRuns;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.run.Inventory;
import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.ReportWriter;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.reports.record.AnalysisRecord;
import io.gemlab.reports.record.AnalysisRecords;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Report;
import io.gemlab.reports.render.RunBlocks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The report of an ablation, made of its recipe and its records. */
public final class AblationReport {
  /** The file of all curves, beside the report. */
  static final String CURVES = "curves.csv";

  /** The file of how all runs of a tuned study ended. */
  static final String TUNING = "tuning.csv";

  private AblationReport() {}

  /**
   * Writes the report and the record of its statistics; answers the HTML file.
   *
   * @param folder the study's
   * @param recipe the steps of its arms fixed
   * @param recipeText as the report shows it
   * @param inventory its records
   * @param notices what a reader has to know of them
   * @throws InvalidInput if there is no run to report
   */
  public static Path write(
      Path folder,
      AblationRecipe recipe,
      String recipeText,
      Inventory inventory,
      List<Block.Notice> notices)
      throws IOException {
    if (inventory.records().isEmpty()) {
      throw new InvalidInput(folder + " has no complete run yet: give --resume to `gemlab ablate`");
    }
    Findings findings = new Findings(recipe, inventory.records());
    ReportWriter.write(folder.resolve("runs"), AnalysisRecords.seal(analysis(findings)));
    if (recipe.tuning().isPresent()) {
      WholeFile.write(
          folder.resolve(TUNING), TuningCsv.of(findings).getBytes(StandardCharsets.UTF_8));
    }
    if (!findings.complete(AblationRuns.TRAINING).isEmpty()) {
      WholeFile.write(
          folder.resolve(CURVES),
          CurvesCsv.of(findings.complete(AblationRuns.TRAINING)).getBytes(StandardCharsets.UTF_8));
    }
    return ReportWriter.write(folder, report(findings, recipeText, inventory, notices)).html();
  }

  private static Report report(
      Findings findings, String recipeText, Inventory inventory, List<Block.Notice> notices) {
    AblationRecipe recipe = findings.recipe();
    boolean trained = !findings.complete(AblationRuns.TRAINING).isEmpty();
    boolean timed = !findings.complete(AblationRuns.TIMING).isEmpty();
    List<Block> summary = new ArrayList<>(notices);
    List<Report.Section> sections = new ArrayList<>();
    if (trained) {
      LossSections losses = new LossSections(findings);
      summary.add(losses.summary());
      sections.addAll(losses.sections());
    }
    if (recipe.tuning().isPresent()) {
      TuningSection tuning = new TuningSection(findings, recipe.tuning().get());
      summary.add(tuning.losses());
      sections.addFirst(tuning.section());
    }
    sections.addFirst(new ArmsSection(findings).section());
    if (timed) {
      TimingSections timing = new TimingSections(findings, findings.timings().orElseThrow());
      summary.addAll(timing.summary());
      sections.addAll(timing.sections());
    }
    if (!findings.complete(AblationRuns.AGREEMENT).isEmpty()) {
      sections.add(new AgreementSection(findings).section());
    }
    Provenance provenance = findings.records().getLast().getProvenance();
    sections.add(new Report.Section("Refusals and deviations", departures(findings, inventory)));
    sections.add(
        new Report.Section("What really ran", List.of(RunBlocks.executions(findings.records()))));
    sections.add(new Report.Section("Recipe", List.of(new Block.Code("yaml", recipeText))));
    sections.add(new Report.Section("Provenance", RunBlocks.provenance(provenance)));
    return new Report(
        "Ablation: " + recipe.name(),
        recipe.question(),
        new Answer(findings).sentences(),
        "%d arms of %s, %s%s, %d cores, Gemlab %s"
            .formatted(
                recipe.arms().size(),
                recipe.checkpoint().map(Path::toString).orElse(recipe.control().model().name()),
                trained ? "%s, %s, ".formatted(seeds(recipe), basis(recipe)) : "",
                provenance.getCpuModel(),
                provenance.getCores(),
                provenance.getGemlabVersion()),
        summary,
        sections);
  }

  private static String seeds(AblationRecipe recipe) {
    int seeds = recipe.training().orElseThrow().seeds().size();
    return seeds == 1 ? "1 seed" : "%d seeds each".formatted(seeds);
  }

  /** What arms that are trained have in common. */
  private static String basis(AblationRecipe recipe) {
    List<Integer> steps =
        recipe.arms().stream().map(arm -> arm.training().steps()).distinct().toList();
    if (recipe.basis() != Basis.STEPS) return "equal " + recipe.basis().noun();
    return steps.size() == 1
        ? "equal steps (%d)".formatted(steps.getFirst())
        : "each arm with steps of its own";
  }

  /** That every run was made as asked is only said where it was. */
  private static List<Block> departures(Findings findings, Inventory inventory) {
    List<Block> departures =
        RunBlocks.departures(
            findings.runs().stream()
                .filter(run -> !isToldWithRates(run))
                .map(RunView::record)
                .toList());
    if (inventory.isWhole() || departures.getFirst() instanceof Block.Notice) return departures;
    return List.of(
        Block.Paragraph.of("The runs that there are ran as requested; others are missing."));
  }

  /** What diverged while arms were tuned is counted where the learning rates are. */
  private static boolean isToldWithRates(RunView run) {
    return run.kind().equals(AblationRuns.TUNING) && run.isDiverged();
  }

  private static AnalysisRecord analysis(Findings findings) {
    AnalysisRecord.Builder analysis =
        AnalysisRecord.newBuilder()
            .setName(AblationRuns.slug(findings.recipe().name()))
            .setExperiment(findings.recipe().name())
            .setCreated(Records.now());
    findings.runs().forEach(run -> analysis.addRunIds(run.id()));
    if (!findings.complete(AblationRuns.TRAINING).isEmpty()) {
      analysis
          .addComparisons(
              AnalysisRecords.comparisons(
                  Measures.VALIDATION_LOSS.quantity(), findings.comparison()))
          .addFactorAnalyses(
              AnalysisRecords.factorAnalysis(
                  Measures.VALIDATION_LOSS.quantity(), findings.lossEffects()));
    }
    if (!findings.complete(AblationRuns.TIMING).isEmpty()) {
      for (Measure measure : List.of(Measures.STEP_TIME, Measures.FORWARD_TIME)) {
        analysis.addFactorAnalyses(
            AnalysisRecords.factorAnalysis(measure.quantity(), findings.cellEffects(measure)));
      }
    }
    return analysis.build();
  }
}
