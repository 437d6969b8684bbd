package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.AblationRecipe.Training;
import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.gemma2.ModelFlops;
import io.gemlab.graph.gemma2.ModelFlops.Pass;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.record.Factor;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.render.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the arms are, and what training them took. */
record ArmsSection(Findings findings) {
  /** Natural to binary logarithm. */
  private static final double NATS_A_BIT = Math.log(2);

  Report.Section section() {
    List<Block> blocks = new ArrayList<>(List.of(arms()));
    if (!findings.complete(AblationRuns.TRAINING).isEmpty()) blocks.add(runs());
    return new Report.Section("Arms", blocks);
  }

  private Block arms() {
    List<Column> columns =
        new ArrayList<>(
            List.of(
                Column.text("arm"),
                Column.text("what it varies"),
                Column.number(Quantity.of("parameters"))));
    if (findings.recipe().training().isPresent()) {
      columns.add(Column.number(new Quantity("to train on", "MFLOP/token")));
      columns.add(Column.number(new Quantity("trained on", "tokens")));
      columns.add(Column.number(new Quantity("trained on", "tokens/parameter")));
      columns.add(Column.number(Quantity.of("epochs")));
    }
    List<List<Cell>> rows = new ArrayList<>();
    for (Arm arm : findings.recipe().arms()) {
      double parameters = WeightSpec.parameters(arm.config());
      List<Cell> row =
          new ArrayList<>(
              List.of(Cell.text(arm.name()), Cell.text(varied(arm)), Cell.number(parameters)));
      arm.trained()
          .map(Arm.Trained::training)
          .ifPresent(
              what -> {
                double tokens = tokens(what);
                row.add(Cell.number(flopsAToken(arm, what) / 1e6));
                row.add(Cell.number(tokens));
                row.add(Cell.number(tokens / parameters));
                row.add(
                    value(arm, Measures.CORPUS_TOKENS).stream()
                        .mapToObj(corpus -> Cell.number(tokens / corpus))
                        .findFirst()
                        .orElseGet(() -> Cell.missing("not recorded")));
              });
      rows.add(row);
    }
    return new Block.Table(
        "The arms; the first is the control. FLOP are those that the architecture asks for, forward"
            + " and backward, two for each multiply-add, of attention only the pairs of positions"
            + " that can see each other.",
        columns,
        rows);
  }

  private Block runs() {
    List<List<Cell>> rows = new ArrayList<>();
    for (Arm arm : findings.recipe().arms()) {
      Training training = arm.training();
      OptionalDouble loss = value(arm, Measures.VALIDATION_LOSS);
      OptionalDouble seconds = value(arm, Measures.TRAINING_TIME);
      OptionalDouble bytes = value(arm, Measures.BYTES_A_TOKEN);
      double tokens = tokens(training);
      rows.add(
          List.of(
              Cell.text(arm.name()),
              cell(seconds),
              cell(each(seconds, s -> tokens / s)),
              cell(each(seconds, s -> flopsAToken(arm, training) * tokens / s / 1e9)),
              cell(clipped(arm, training)),
              cell(each(loss, Math::exp)),
              loss.isPresent() && bytes.isPresent()
                  ? Cell.number(loss.getAsDouble() / NATS_A_BIT / bytes.getAsDouble())
                  : Cell.missing("not recorded")));
    }
    return new Block.Table(
        "What training took, and where it ended: means over the seeds' runs. Time is that of the"
            + " steps, without validation; GFLOP/s are the architecture's, as above. A step is"
            + " clipped where the gradients' norm is above max_grad_norm. Perplexity is a token's, of the validation text.",
        List.of(
            Column.text("arm"),
            Column.number(new Quantity("a run", "s")),
            Column.number(new Quantity("speed", "tokens/s")),
            Column.number(new Quantity("speed", "GFLOP/s")),
            Column.number(new Quantity("clipped steps", "%")),
            Column.number(Quantity.of("perplexity")),
            Column.number(new Quantity("validation loss", "bits/byte"))),
        rows);
  }

  /** The factors' levels, as the records and the main effects call them. */
  private String varied(Arm arm) {
    Stream<Factor> training =
        arm.trained().stream().flatMap(_ -> Factors.ofTraining(findings.recipe(), arm).stream());
    return Stream.concat(Factors.of(findings.recipe(), arm).stream(), training)
        .map((Factor factor) -> factor.getName() + " " + factor.getLevel())
        .collect(Collectors.joining(", "));
  }

  private static double tokens(Training training) {
    return (double) training.schedule().steps()
        * training.data().batch()
        * training.data().length();
  }

  private static double flopsAToken(Arm arm, Training training) {
    int rows = training.data().batch();
    int length = training.data().length();
    return ModelFlops.of(arm.config(), Pass.TRAINING, rows, length) / rows / length;
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
