package io.gemlab.experiments.ablate.report;

import io.gemlab.experiments.ablate.recipe.AblationRecipe.Agreement;
import io.gemlab.experiments.ablate.run.AblationRuns;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.run.RunView;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.render.Report;
import java.util.List;

/** Whether paths and attentions compute the same. */
record AgreementSection(Findings findings) {

  Report.Section section() {
    Agreement agreement = findings.recipe().agreement().orElseThrow();
    List<List<Cell>> rows =
        findings.complete(AblationRuns.AGREEMENT).stream().map(AgreementSection::row).toList();
    String reference =
        "%s on the %s path in %s"
            .formatted(
                findings.recipe().control().name(),
                agreement.paths().getFirst().label(),
                agreement.precisions().getFirst().label());
    return new Report.Section(
        "Numerical agreement",
        List.of(
            Block.Paragraph.of(
                "All logits come from the same weights and tokens. Where only the path or the"
                    + " attention differs the function is the same, and what is left is rounding;"
                    + " an arm without the cap is another function, and the difference is what its"
                    + " cap does to a model trained with it."),
            new Block.Table(
                "Logits of each arm, path and type against " + reference + ".",
                List.of(
                    Column.text("arm"),
                    Column.text("path"),
                    Column.text("type"),
                    Column.number(Measures.LOGIT_DIFFERENCE.quantity()),
                    Column.number(Measures.KL.quantity()),
                    Column.number(Measures.TOP_1.quantity())),
                rows)));
  }

  private static List<Cell> row(RunView run) {
    return List.of(
        Cell.text(run.arm()),
        Cell.text(run.path()),
        Cell.text(run.dtype()),
        Cell.number(run.value(Measures.LOGIT_DIFFERENCE)),
        Cell.number(run.value(Measures.KL)),
        Cell.number(run.value(Measures.TOP_1)));
  }
}
