package io.gemlab.experiments.bench;

import io.gemlab.experiments.machine.MachineRates;
import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.experiments.program.TimedCell;
import io.gemlab.experiments.program.TurnsText;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Block.KeyValues.Entry;
import io.gemlab.reports.render.Block.Notice;
import io.gemlab.reports.render.Report;
import io.gemlab.reports.render.Report.Section;
import io.gemlab.reports.render.RunBlocks;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The performance report of a model. */
final class BenchReport {
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH);

  /** Above this part of the cores in use by others, timings can't be trusted. */
  private static final double BUSY = 0.25;

  private final BenchOutcome outcome;
  private final BenchPlan plan;

  private BenchReport(BenchOutcome outcome) {
    this.outcome = outcome;
    this.plan = outcome.plan();
  }

  static Report of(BenchOutcome outcome) {
    return new BenchReport(outcome).report();
  }

  private Report report() {
    SpeedBlocks speed = new SpeedBlocks(outcome);
    TurnsText turns = outcome.turns();
    List<Block> summary = new ArrayList<>(turns.notices());
    for (ModelProgram program : BenchPlan.PROGRAMS) summary.add(speed.speed(program));
    List<Section> sections = new ArrayList<>();
    List<Block> costs =
        new ArrayList<>(
            List.of(
                speed.chart(), Block.Paragraph.of(method()), Block.Paragraph.of(turns.method())));
    for (ModelProgram program : BenchPlan.PROGRAMS) costs.add(speed.cost(program));
    sections.add(new Section("Speed", costs));
    for (ModelProgram program : BenchPlan.PROGRAMS) {
      List<Block> profiles = new ArrayList<>();
      outcome.complete(program).forEach(finding -> profiles.addAll(ProfileBlocks.of(finding)));
      if (!profiles.isEmpty()) {
        sections.add(new Section("Where the time of the " + program.label() + " goes", profiles));
      }
    }
    sections.add(new Section("What the machine reaches", List.of(machine())));
    sections.add(new Section("Refused and changed", RunBlocks.departures(outcome.records())));
    sections.add(new Section("What really ran", List.of(RunBlocks.executions(outcome.records()))));
    sections.add(
        new Section(
            "Configuration",
            List.of(new Block.Code("yaml", outcome.records().getFirst().getRecipeYaml()))));
    sections.add(
        new Section("Where the numbers come from", RunBlocks.provenance(outcome.provenance())));
    return new Report(
        "Performance of the model " + plan.model().name(),
        "How fast does this machine run the model "
            + plan.model().name()
            + ", on which path, and where does the time go?",
        answer(),
        byline(),
        summary,
        sections);
  }

  private String answer() {
    List<String> sentences = new ArrayList<>();
    for (ModelProgram program : BenchPlan.PROGRAMS) {
      outcome.fastest(program).ifPresent(fastest -> sentences.add(sentence(program, fastest)));
    }
    return sentences.isEmpty() ? "No path ran it to the end." : String.join(" ", sentences);
  }

  private String sentence(ModelProgram program, CellFinding fastest) {
    Optional<String> disturbance = fastest.turns().disturbance();
    if (disturbance.isPresent()) {
      return "The %s's times are not compared: %s.".formatted(program.label(), disturbance.get());
    }
    return "The %s is fastest on the %s path: %s ms, %s tokens/s, its matrix products at %s %% of the rate that this machine reaches."
        .formatted(
            program.label(),
            fastest.cell().path().label(),
            Numbers.significant(fastest.time().median(), 3),
            Numbers.significant(outcome.tokens(fastest), 3),
            Numbers.significant(100 * outcome.fraction(fastest), 2));
  }

  private String byline() {
    return byline(
        plan.model(),
        outcome.provenance(),
        plan.batch().batchSize() + " × " + plan.batch().sequenceLength() + " tokens");
  }

  /** The model and how it is computed, what was run, and the machine. */
  static String byline(ModelSpec model, Provenance provenance, String tokens) {
    return String.join(
        " · ",
        "bench",
        DAY.format(LocalDate.now(ZoneOffset.UTC)),
        Numbers.significant(WeightSpec.parameters(model.config()) / 1e6, 3) + " million parameters",
        model.ops().attention().label() + " attention",
        model.type(),
        tokens,
        provenance.getCpuModel() + ", " + provenance.getCores() + " cores used");
  }

  /** Says so where other work disturbed the times. */
  static List<Block> notices(double load, Provenance provenance) {
    double cores = provenance.getCores();
    if (load <= BUSY * cores) return List.of();
    return List.of(
        new Notice(
            Notice.Kind.WARNING,
            Block.Paragraph.of(
                "Other work ran on this machine: "
                    + Numbers.significant(load, 2)
                    + " threads on "
                    + Numbers.exact(cores)
                    + " cores on average over the minute before. Times are too long and scatter;"
                    + " compare paths only with care.")));
  }

  private String method() {
    return "Every path runs the same traced graph, each in a process of its own. "
        + TimedCell.WARM_UP
        + " calls warm up and are left out, compilation among them, of as many paths at once as"
        + " there are cores; then calls are timed in "
        + plan.samples()
        + " turns, from handing over the tokens to having the results, and each turn counts with"
        + " its median. A training step is "
        + ModelProgram.TRAIN.does()
        + ". Intervals are percentile bootstraps of the median; of a ratio, Student's t over the"
        + " turns. FLOP are those of the traced graph's matrix products, a"
        + " multiplication and an addition each: masked positions that an attention computes are"
        + " counted, and so is what a backward pass computes again. Memory is what the process had"
        + " resident at most while calls were timed (VmHWM), above what it had at the start.";
  }

  private Block machine() {
    List<Entry> facts = new ArrayList<>();
    outcome
        .rates()
        .productFlops()
        .forEach(
            (precision, flops) ->
                facts.add(
                    new Entry(
                        precision.label() + " matrix products",
                        "%s GFLOP/s (%d × %d × %d in a plain session, best of several)"
                            .formatted(
                                Numbers.significant(flops / 1e9, 3),
                                MachineRates.PRODUCT_SIZE,
                                MachineRates.PRODUCT_SIZE,
                                MachineRates.PRODUCT_SIZE))));
    facts.add(
        new Entry(
            "Memory",
            "%s GB/s (copying %d MiB on every core, bytes read and bytes written both counted)"
                .formatted(
                    Numbers.significant(outcome.rates().copyBytes() / 1e9, 3),
                    MachineRates.COPY_MIB)));
    return new Block.KeyValues(facts);
  }
}
