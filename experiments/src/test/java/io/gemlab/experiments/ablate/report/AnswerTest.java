package io.gemlab.experiments.ablate.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.RecipeFile;
import io.gemlab.experiments.ablate.run.AblationRuns;
import io.gemlab.experiments.ablate.run.Measures;
import io.gemlab.experiments.ablate.run.Trials;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.RunStore;
import io.gemlab.graph.gemma2.ModelFlops;
import io.gemlab.graph.gemma2.ModelFlops.Pass;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.statistics.effects.MainEffects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of records made up here. The preset's window is 64, as is the length. */
class AnswerTest {
  private static final String RECIPE =
      """
      name: my-ablation
      question: q
      preset: tiny
      arms:
        - {name: control, attention: eager}
        - {name: all global, attention: eager, config: {layer_pattern: all_global}}
        - {name: 8 heads, attention: eager, config: {num_attention_heads: 8}}
        - {name: blockwise, attention: blockwise}
      training: {corpus: built-in, seeds: [1, 2, 3], steps: 12, warmup_steps: 3, length: 64}
      """;

  private static final List<Double> CONTROL = List.of(2.10, 2.14, 2.08);

  @TempDir Path folder;

  @Test
  void anArmThatComputedTheSameIsSaidToHaveAndWhy() throws IOException {
    List<String> answer =
        new Answer(
                findings(
                    3.0,
                    Map.of(
                        "all global", CONTROL,
                        "8 heads", List.of(2.31, 2.34, 2.29),
                        "blockwise", CONTROL)))
            .sentences();
    assertEquals(
        List.of(
            "All global computed the same as control: the window, 64, is not below the length, 64.",
            "8 heads is worse than control: validation loss +0.2067 ± 0.0143 nats a token (95 % interval).",
            "Blockwise computed the same as control: every loss is equal to the bit.",
            "Control, the control, ends at a validation loss of 2.107 nats a token over 3 seeds."),
        answer);
  }

  /** By two one-sided tests at 5 %, whose interval is 90 %. */
  @Test
  void equivalenceNamesItsMarginAndTheIntervalThatItIsJudgedBy() throws IOException {
    Map<String, List<Double>> close = Map.of("blockwise", List.of(2.103, 2.141, 2.083));
    List<String> answer = new Answer(findings(3.0, close)).sentences();
    assertTrue(
        answer.contains(
            "Blockwise is equivalent to control within ±0.02 nats a token: validation loss +0.0023 ± 0.0019 nats a token (90 % interval)."),
        answer::toString);
  }

  @Test
  void whatIsUndecidedSaysHowManySeedsWouldDo() throws IOException {
    Map<String, List<Double>> scattered = Map.of("blockwise", List.of(2.12, 2.12, 2.09));
    List<String> answer = new Answer(findings(3.0, scattered)).sentences();
    assertEquals(
        List.of(
            "Blockwise against control is undecided: validation loss +0.0033 ± 0.0517 nats a token (95 % interval).",
            "Control, the control, ends at a validation loss of 2.107 nats a token over 3 seeds.",
            "44 seeds instead of 3 should find what is undecided equivalent, if it is (power 80 %, by the upper limit of these seeds' scatter): --resume takes more seeds."),
        answer.subList(answer.size() - 3, answer.size()));
  }

  /** The control at the higher rate; the other at the lower, since a run at the higher diverged. */
  @Test
  void armsThatAreTunedAreNamedWithTheirRatesAndWhereTheyDiverge() throws IOException {
    Path file = folder.resolve("recipe.yaml");
    Files.writeString(
        file,
        RECIPE.replaceAll("  - \\{name: (all|block).*\n", "")
            + "tune: {learning_rate: [0.001, 0.01], seeds: [8, 9]}\n");
    AblationRecipe untuned = RecipeFile.read(file).recipe();
    List<RunRecord> records = new ArrayList<>();
    for (RunStore.Run run : new AblationRuns(untuned).tuning()) {
      boolean high = run.id().contains("0-01-");
      boolean diverged = high && run.arm().equals("8 heads") && run.seed() == 9;
      RunRecord.Builder record =
          record(untuned.arm(run.arm()), (int) run.seed(), high ? 2.0 : 2.1, 3).toBuilder()
              .setId(run.id())
              .setExperiment("my-ablation/tuning")
              .addAllFactors(run.factors());
      if (diverged) record.setOutcome(Records.diverged("diverged: loss is NaN in step 3"));
      records.add(record.build());
    }
    AblationRecipe recipe = untuned.withChosen(Trials.of(untuned, records).chosen());
    for (int seed = 1; seed <= 3; seed++) {
      records.add(record(recipe.arm("control"), seed, CONTROL.get(seed - 1), 3));
      records.add(record(recipe.arm("8 heads"), seed, CONTROL.get(seed - 1) + 0.2 + seed / 1e3, 3));
    }
    Findings findings = new Findings(recipe, records);
    assertEquals(
        List.of(
            "8 heads is worse than control: validation loss +0.2020 ± 0.0025 nats a token (95 % interval).",
            "Control, the control, ends at a validation loss of 2.107 nats a token over 3 seeds.",
            "Each arm is compared at its best of 2 learning rates, chosen under 2 other seeds: control at 0.01, 8 heads at 0.001.",
            "At a learning rate of 0.01 control diverged in 0 of 2 runs (95% interval 0 to 66 %), 8 heads diverged in 1 of 2 runs (95% interval 9 to 91 %)."),
        new Answer(findings).sentences());
    assertEquals(
        List.of(
            "control,tuning,0.001,8,complete,2.1,",
            "8 heads,tuning,0.01,9,diverged,2.0,diverged: loss is NaN in step 3",
            "8 heads,confirming,0.001,1,complete,2.301,"),
        TuningCsv.of(findings)
            .lines()
            .filter(
                line ->
                    line.contains("control,tuning,0.001,8")
                        || line.contains("diverged,")
                        || line.startsWith("8 heads,confirming,0.001,1"))
            .toList());
  }

  @Test
  void runsThatLearnedTooLittleAreComparedNowhere() throws IOException {
    Findings findings =
        findings(
            2.2,
            Map.of(
                "all global", CONTROL,
                "8 heads", List.of(2.31, 2.34, 2.29),
                "blockwise", List.of(2.11, 2.13, 2.09)));
    assertEquals(
        List.of(
            "The runs have not learned enough to compare losses (3 of 12 runs did not get below the"
                + " bigram entropy)."),
        new Answer(findings).sentences());
    assertTrue(findings.lossEffects() instanceof MainEffects.NotEstimable);
    String blocks = new LossSections(findings).sections().toString();
    for (String claim : List.of("equivalent,", "undecided", "different]", "computed the same")) {
      assertTrue(!blocks.contains(claim), claim);
    }
    Block.Table table =
        new LossSections(findings)
            .sections().getFirst().blocks().stream()
                .filter(Block.Table.class::isInstance)
                .map(Block.Table.class::cast)
                .findFirst()
                .orElseThrow();
    assertEquals(3, table.rows().size());
    table
        .rows()
        .forEach(
            row ->
                assertTrue(
                    row.get(1).toString().contains("not compared: 3 of 12 runs"), row::toString));
  }

  /** 12 steps of 8 rows of 64 tokens, the default batch; half the steps above a norm of 1. */
  @Test
  void armsSayWhatTheyAreAndWhatTrainingTook() throws IOException {
    Findings findings = findings(3.0, Map.of("8 heads", List.of(2.3, 2.3, 2.3)));
    List<Block> blocks = new ArmsSection(findings).section().blocks();
    List<Cell> control = ((Block.Table) blocks.get(0)).rows().getFirst();
    double tokens = 12 * 8 * 64;
    double parameters = WeightSpec.parameters(Gemma2Presets.config("tiny"));
    double flops = ModelFlops.of(Gemma2Presets.config("tiny"), Pass.TRAINING, 12 * 8, 64);
    assertEquals(
        Cell.text("attention eager, layer_pattern default, num_attention_heads 4"), control.get(1));
    assertEquals(Cell.number(parameters), control.get(2));
    assertEquals(flops / tokens / 1e6, ((Cell.Number) control.get(3)).value(), 1e-12);
    List<Cell> with = ((Block.Table) blocks.get(1)).rows().getFirst();
    assertEquals(Cell.number(12), with.get(1));
    assertEquals(Cell.number(tokens), with.get(2));
    assertEquals(Cell.number(tokens / parameters), with.get(3));
    assertEquals(Cell.number(tokens / 1000), with.get(4));
    assertEquals(flops / 1e12, ((Cell.Number) with.get(5)).value(), 1e-12);
    List<Cell> trained = ((Block.Table) blocks.get(2)).rows().get(2);
    assertEquals(Cell.number(2), trained.get(1));
    assertEquals(Cell.number(tokens / 2), trained.get(2));
    assertEquals(Cell.missing("not measured"), trained.get(4));
    assertEquals(Cell.missing("not measured"), trained.get(5));
    assertEquals(Cell.number(50), trained.get(6));
    assertEquals(Math.exp(2.3), ((Cell.Number) trained.get(7)).value(), 1e-12);
    assertEquals(2.3 / Math.log(2) / 4, ((Cell.Number) trained.get(8)).value(), 1e-12);
  }

  /** FLOP a token times tokens a second, over what the machine reaches at best. */
  @Test
  void theStepOfAnArmAloneGivesMfuAndMemoryOrSaysWhyNot() throws IOException {
    Findings trained = findings(3.0, Map.of());
    List<RunRecord> records = new ArrayList<>(trained.records());
    RunRecord.Builder step = RunRecord.newBuilder().setExperiment("my-ablation/step");
    records.add(
        step.setId("step-control")
            .setArm("control")
            .setOutcome(Records.complete())
            .addMeasurements(Measures.STEP_MEMORY.of(300))
            .addMeasurements(Measures.PRODUCT_RATE.of(1e11))
            .build());
    String killed = "killed, probably for memory: needed about 3 GiB, 1 GiB was free";
    records.add(
        step.clearMeasurements()
            .setId("step-8-heads")
            .setArm("8 heads")
            .setOutcome(Records.failed(killed))
            .build());
    List<List<Cell>> rows =
        ((Block.Table)
                new ArmsSection(new Findings(trained.recipe(), records)).section().blocks().get(2))
            .rows();
    double flops = ModelFlops.of(Gemma2Presets.config("tiny"), Pass.TRAINING, 12 * 8, 64);
    assertEquals(100 * flops / 2 / 1e11, ((Cell.Number) rows.get(0).get(4)).value(), 1e-9);
    assertEquals(Cell.number(300), rows.get(0).get(5));
    assertEquals(Cell.missing("not measured"), rows.get(1).get(5));
    assertEquals(Cell.missing(killed), rows.get(2).get(5));
  }

  @Test
  void lossesByPositionAreComparedWhereRecordsHoldThem() throws IOException {
    Findings earlier = findings(3.0, Map.of());
    assertTrue(
        new PositionSection(earlier)
            .section()
            .orElseThrow()
            .blocks()
            .toString()
            .contains("an earlier version's"));
    assertTrue(new PositionSection(findings(2.09, Map.of())).section().isEmpty());

    List<RunRecord> records = new ArrayList<>();
    for (RunRecord run : earlier.records()) {
      double more = run.getArm().equals("8 heads") ? 0.5 : 0;
      records.add(
          run.toBuilder()
              .addSeries(
                  Measures.LOSS_BY_POSITION.curve(
                      "position",
                      List.of(1, 2, 4),
                      List.of(3.0, 2.0 + run.getSeed(), 1.0 + run.getSeed() + more)))
              .build());
    }
    List<Block> blocks =
        new PositionSection(new Findings(earlier.recipe(), records))
            .section()
            .orElseThrow()
            .blocks();
    assertTrue(blocks.getFirst() instanceof Block.Figure);
    List<Cell> last = ((Block.Table) blocks.getLast()).rows().getLast();
    assertEquals(Cell.text("3 to 4"), last.getFirst());
    assertEquals(3, ((Cell.Number) last.get(1)).value(), 1e-12);
    assertEquals(0, ((Cell.Estimate) last.get(2)).value(), 1e-12);
    assertEquals(0.5, ((Cell.Estimate) last.get(3)).value(), 1e-12);
  }

  /** The first screen has no table that says of each arm that it is not compared. */
  @Test
  void theSummaryShowsCurvesWhereNothingIsCompared() throws IOException {
    assertTrue(new LossSections(findings(2.09, Map.of())).summary() instanceof Block.Figure);
    assertTrue(new LossSections(findings(3.0, Map.of())).summary() instanceof Block.Table);
  }

  @Test
  void curvesAreAFileForOtherTools() throws IOException {
    List<String> lines =
        CurvesCsv.of(findings(3.0, Map.of()).complete(AblationRuns.TRAINING)).lines().toList();
    assertEquals("arm,seed,curve,unit,step,value", lines.getFirst());
    assertTrue(lines.contains("8 heads,3,gradient norm,,1,1.5"), lines::toString);
    assertTrue(lines.contains("control,1,validation loss,nats/token,0,5.0"), lines::toString);
    assertEquals(1 + 4 * 3 * 6, lines.size());
  }

  private Findings findings(double bigram, Map<String, List<Double>> others) throws IOException {
    Path file = folder.resolve("recipe.yaml");
    Files.writeString(file, RECIPE);
    AblationRecipe recipe = RecipeFile.read(Optional.of(file), false, List.of()).recipe();
    List<RunRecord> records = new ArrayList<>();
    for (AblationRecipe.Arm arm : recipe.arms()) {
      List<Double> losses = others.getOrDefault(arm.name(), CONTROL);
      for (int seed = 1; seed <= losses.size(); seed++) {
        records.add(record(arm, seed, losses.get(seed - 1), bigram));
      }
    }
    return new Findings(recipe, records);
  }

  private static RunRecord record(AblationRecipe.Arm arm, int seed, double loss, double bigram) {
    return RunRecord.newBuilder()
        .setId("training-" + arm.name().replace(' ', '-') + "-seed-" + seed)
        .setExperiment("my-ablation/training")
        .setArm(arm.name())
        .setSeed(seed)
        .setOutcome(Records.complete())
        .addMeasurements(Measures.VALIDATION_LOSS.of(loss))
        .addMeasurements(Measures.BIGRAM.of(bigram))
        .addMeasurements(Measures.TRAINING_TIME.of(2))
        .addMeasurements(Measures.CORPUS_TOKENS.of(1000))
        .addMeasurements(Measures.BYTES_A_TOKEN.of(4))
        .addSeries(Measures.GRADIENT_NORM.curve("step", List.of(0, 1), List.of(0.5, 1.5)))
        .addSeries(
            Measures.VALIDATION_LOSS.curve("step", List.of(0, 12), List.of(5f, (float) loss)))
        .addSeries(Measures.TRAINING_LOSS.curve("step", List.of(0, 1), List.of(5f, (float) loss)))
        .build();
  }
}
