package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Agreement;
import io.gemlab.experiments.ablate.RunStore.Run;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.record.RunRecord;
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
        findings.complete(Run.AGREEMENT).stream().map(AgreementSection::row).toList();
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
                    Column.number(Quantity.of(AgreementRuns.DIFFERENCE)),
                    Column.number(new Quantity(AgreementRuns.KL, "nats/token")),
                    Column.number(Quantity.of(AgreementRuns.TOP_1))),
                rows)));
  }

  private static List<Cell> row(RunRecord run) {
    return List.of(
        Cell.text(run.getArm()),
        Cell.text(TimingRuns.level(run, "path")),
        Cell.text(TimingRuns.level(run, "dtype")),
        Cell.number(Findings.value(run, AgreementRuns.DIFFERENCE)),
        Cell.number(Findings.value(run, AgreementRuns.KL)),
        Cell.number(Findings.value(run, AgreementRuns.TOP_1)));
  }
}
