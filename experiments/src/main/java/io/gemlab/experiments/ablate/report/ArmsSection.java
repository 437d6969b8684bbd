package io.gemlab.experiments.ablate.report;

import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Training;
import io.gemlab.experiments.ablate.recipe.Basis;
import io.gemlab.experiments.ablate.recipe.Factors;
import io.gemlab.experiments.ablate.run.AblationRuns;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.machine.MachineRates;
import io.gemlab.experiments.program.Turns;
import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.record.Factor;
import io.gemlab.reports.record.Outcome.Status;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.render.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the arms are, and what training them took. */
record ArmsSection(Findings findings) {
  /** Natural to binary logarithm. */
  private static final double NATS_A_BIT = Math.log(2);

  Report.Section section() {
    List<Block> blocks = new ArrayList<>(disturbedSteps());
    blocks.add(arms());
    if (findings.recipe().training().isPresent()) blocks.add(training());
    if (!findings.complete(AblationRuns.TRAINING).isEmpty()) blocks.add(runs());
    return new Report.Section("Arms", blocks);
  }

  private Block arms() {
    boolean trains = findings.recipe().training().isPresent();
    List<Column> columns =
        new ArrayList<>(
            List.of(
                Column.text("arm"),
                Column.text("what it varies"),
                Column.number(Quantity.of("parameters"))));
    if (trains) columns.add(Column.number(new Quantity("to train on", "MFLOP/token")));
    List<List<Cell>> rows = new ArrayList<>();
    for (Arm arm : findings.recipe().arms()) {
      List<Cell> row =
          new ArrayList<>(
              List.of(
                  Cell.text(arm.name()),
                  Cell.text(varied(arm)),
                  Cell.number(WeightSpec.parameters(arm.config()))));
      if (trains) row.add(Cell.number(flopsAToken(arm) / 1e6));
      rows.add(row);
    }
    return new Block.Table(
        "The arms; the first is the control. FLOP are those that the architecture asks for, forward"
            + " and backward, two for each multiply-add, of attention only the pairs of positions"
            + " that can see each other.",
        columns,
        rows);
  }

  /** What each arm is trained with. */
  private Block training() {
    List<List<Cell>> rows = new ArrayList<>();
    for (Arm arm : findings.recipe().arms()) {
      Training training = arm.training();
      rows.add(
          List.of(
              Cell.text(arm.name()),
              Cell.number(training.steps()),
              Cell.number(training.tokens()),
              Cell.number(training.tokens() / WeightSpec.parameters(arm.config())),
              cell(each(value(arm, Measures.CORPUS_TOKENS), corpus -> training.tokens() / corpus)),
              Cell.number(arm.flopsAStepWithTeacher() * training.steps() / 1e12)));
    }
    return new Block.Table(
        "What each run of an arm is trained with. " + basis() + beginning() + teaching(),
        List.of(
            Column.text("arm"),
            Column.number(Quantity.of("steps")),
            Column.number(Quantity.of("tokens")),
            Column.number(Quantity.of("tokens a parameter")),
            Column.number(Quantity.of("epochs")),
            Column.number(Quantity.of("TFLOP"))),
        rows);
  }

  /** What a seed is of, where that is not the weights. */
  private String beginning() {
    return findings
        .recipe()
        .checkpoint()
        .map(
            folder ->
                " All runs begin with the weights of %s, so that a seed is of the order of the data alone."
                    .formatted(folder))
        .orElse("");
  }

  /** What is learnt and counted where a teacher has a part in it. */
  private String teaching() {
    boolean isTaught =
        findings.recipe().arms().stream().anyMatch(arm -> arm.training().taught().isPresent());
    return isTaught
        ? " Of an arm with a teacher the training loss is ce_weight times the cross-entropy of the next"
            + " token, and the rest of KL(teacher || student), in which the tokens that the"
            + " teacher's file leaves out are one class; its TFLOP are with the teacher's forward"
            + " pass. The validation loss is every arm's cross-entropy of the next token."
        : "";
  }

  /** What the arms' training is equal in. */
  private String basis() {
    Basis basis = findings.recipe().basis();
    int steps = findings.recipe().control().training().steps();
    return switch (basis) {
      case STEPS -> "Basis of comparison: steps.";
      case TOKENS, FLOPS ->
          "Basis of comparison: equal %s, those of the control's %d steps, to the nearest step."
              .formatted(basis.noun(), steps);
      case TIME ->
          "Basis of comparison: equal time, that of the control's %d steps, to the nearest step, by how long a step of each arm took before the first run."
              .formatted(steps);
    };
  }

  /** Where steps are to take equal time, what makes that doubtful. */
  private List<Block> disturbedSteps() {
    if (findings.recipe().basis() != Basis.TIME) return List.of();
    List<String> doubtful = new ArrayList<>();
    for (Arm arm : findings.recipe().arms()) {
      findings
          .step(arm)
          .flatMap(run -> Turns.of(run, Measures.STEP_TIME).disturbance())
          .ifPresent(disturbance -> doubtful.add(arm.name() + " (" + disturbance + ")"));
    }
    if (doubtful.isEmpty()) return List.of();
    return List.of(
        new Block.Notice(
            Block.Notice.Kind.WARNING,
            Block.Paragraph.of(
                "How long a step takes, which sets how many of them an arm gets, is doubtful for "
                    + String.join(", ", doubtful)
                    + ".")));
  }

  private Block runs() {
    List<List<Cell>> rows = new ArrayList<>();
    for (Arm arm : findings.recipe().arms()) {
      Training training = arm.training();
      OptionalDouble loss = value(arm, Measures.VALIDATION_LOSS);
      OptionalDouble speed = each(value(arm, Measures.TRAINING_TIME), s -> training.tokens() / s);
      OptionalDouble bytes = value(arm, Measures.BYTES_A_TOKEN);
      rows.add(
          List.of(
              Cell.text(arm.name()),
              cell(value(arm, Measures.TRAINING_TIME)),
              cell(speed),
              cell(each(speed, tokens -> flopsAToken(arm) * tokens / 1e9)),
              ofStep(
                  arm,
                  Measures.PRODUCT_RATE,
                  rate -> 100 * flopsAToken(arm) * speed.orElse(Double.NaN) / rate),
              ofStep(arm, Measures.STEP_MEMORY, peak -> peak),
              cell(clipped(arm, training)),
              cell(each(loss, Math::exp)),
              loss.isPresent() && bytes.isPresent()
                  ? Cell.number(loss.getAsDouble() / NATS_A_BIT / bytes.getAsDouble())
                  : Cell.missing("not recorded")));
    }
    return new Block.Table(
        "What training took: means over the seeds, validation and compilation left out. MFU is the"
            + " model's FLOP a token times the tokens a second, over what this machine's cores,"
            + " as many as a run has threads, reach in a product of two matrices of %d rows in the arm's type."
                .formatted(MachineRates.PRODUCT_SIZE)
            + " Memory is the most that was resident in a process of its own while it ran the arm's"
            + " step, above what the process had when it began. A step is clipped where the"
            + " gradients' norm is above max_grad_norm. Perplexity is a token's, of the validation"
            + " text.",
        List.of(
            Column.text("arm"),
            Column.number(new Quantity("a run", "s")),
            Column.number(new Quantity("speed", "tokens/s")),
            Column.number(new Quantity("speed", "GFLOP/s")),
            Column.number(new Quantity("MFU", "%")),
            Column.number(new Quantity("peak memory", "MiB")),
            Column.number(new Quantity("clipped steps", "%")),
            Column.number(Quantity.of("perplexity")),
            Column.number(new Quantity("validation loss", "bits/byte"))),
        rows);
  }

  /** What is known by an arm's step alone, or why that is not. */
  private Cell ofStep(Arm arm, Measure measure, DoubleUnaryOperator of) {
    Optional<RunView> step = findings.step(arm);
    if (step.isEmpty()) return Cell.missing("not measured");
    if (step.get().status() == Status.FAILED) {
      return Cell.missing(step.get().record().getOutcome().getMessage());
    }
    if (!step.get().isComplete()) return Cell.missing(step.get().ended());
    return step.get()
        .measurement(measure)
        .map(found -> of.applyAsDouble(found.getValue()))
        .filter(Double::isFinite)
        .map(Cell::number)
        .orElseGet(() -> Cell.missing("not measured"));
  }

  /** The factors' levels, as the records and the main effects call them. */
  private String varied(Arm arm) {
    Stream<Factor> training =
        arm.trained().stream().flatMap(_ -> Factors.ofTraining(findings.recipe(), arm).stream());
    return Stream.concat(Factors.of(findings.recipe(), arm).stream(), training)
        .map((Factor factor) -> factor.getName() + " " + factor.getLevel())
        .collect(Collectors.joining(", "));
  }

  private static double flopsAToken(Arm arm) {
    return arm.flopsAStep() / arm.training().data().tokens();
  }

  private OptionalDouble value(Arm arm, Measure measure) {
    return findings.trained(arm).stream()
        .flatMap(run -> run.measurement(measure).stream())
        .mapToDouble(one -> one.getValue())
        .average();
  }

  /** The share of steps whose gradients were above the norm that they are clipped to, percent. */
  private OptionalDouble clipped(Arm arm, Training training) {
    return findings.trained(arm).stream()
        .flatMap((RunView run) -> run.curve(Measures.GRADIENT_NORM).stream())
        .flatMap(curve -> curve.getYList().stream())
        .mapToDouble(norm -> norm > training.optimizer().maxGradNorm() ? 100 : 0)
        .average();
  }

  private static OptionalDouble each(OptionalDouble value, DoubleUnaryOperator of) {
    return value.isPresent()
        ? OptionalDouble.of(of.applyAsDouble(value.getAsDouble()))
        : OptionalDouble.empty();
  }

  private static Cell cell(OptionalDouble value) {
    return value.isPresent() ? Cell.number(value.getAsDouble()) : Cell.missing("not recorded");
  }
}
