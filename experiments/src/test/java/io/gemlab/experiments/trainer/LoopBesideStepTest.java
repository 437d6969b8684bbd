package io.gemlab.experiments.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.train.TrainingInput;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.text.ShuffledBatches;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Summary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the loop of {@code gemlab train} costs beside its program: blocks of steps of a run and of
 * bare calls take turns in one process, so that a drift of the machine cancels. A measurement,
 * which it prints; docs/results/training-loop.md.
 */
@Tag("slow")
class LoopBesideStepTest {
  private static final Path RECIPE = Path.of("../recipes/train/tiny.yaml");
  private static final int STEPS = Integer.getInteger("gemlab.test.steps", 2000);
  private static final int BLOCK = 20;

  /** Blocks in which code is still being compiled. */
  private static final int WARM_UP = 2;

  private static final List<String> CHANGES =
      List.of(
          "training.steps=" + STEPS,
          "training.diagnose_every=0",
          "training.evaluate_every=" + STEPS * 10,
          "samples.prompts=[]");

  @TempDir Path folder;

  @Test
  void theLoopBesideItsStep() throws Exception {
    TrainRecipe recipe = TrainRecipeFile.read(RECIPE, CHANGES).recipe();
    Provenance provenance = Provenance.getDefaultInstance();
    try (BareSteps bare = new BareSteps(recipe);
        TrainRun run = TrainRun.of(RECIPE, CHANGES, folder.resolve("run"), false, provenance)) {
      Turns turns = new Turns(bare);
      run.run(turns, precision -> 1e11);
      assertEquals(STEPS / BLOCK - 1, turns.loop.size());
      turns.print();
    }
  }

  /** The recipe's program, called with batches that lie ready. */
  private static final class BareSteps implements AutoCloseable {
    private static final int READY = 64;

    private final Executable executable;
    private final String function;
    private final List<LabelledBatch> batches;

    BareSteps(TrainRecipe recipe) {
      TrainPrograms programs = TrainPrograms.of(recipe);
      function = programs.step().last().name();
      executable = recipe.path().of(() -> recipe.model().config()).load(programs.all());
      ModelWeights.initialize(
          programs.parameters(),
          recipe.begin().seed(),
          recipe.begin().initializerRange(),
          executable);
      TrainStep.resetOptimizer(programs.step().last(), executable);
      try (TrainingInput input = recipe.openInput()) {
        ShuffledBatches all = recipe.batches(input.training());
        batches =
            IntStream.range(0, READY).mapToObj(i -> all.microBatches(i, 1).getFirst()).toList();
      }
    }

    /** Seconds of a step. */
    double block() {
      long begin = System.nanoTime();
      for (int i = 0; i < BLOCK; i++) {
        try (Results results = executable.run(function, batches.get(i).arguments())) {
          results.get(TrainStep.LOSS).item();
        }
      }
      return (System.nanoTime() - begin) / 1e9 / BLOCK;
    }

    @Override
    public void close() {
      executable.close();
    }
  }

  /** Asked before each step of the run, and makes a bare block between two of the run's. */
  private static final class Turns implements RunMonitor {
    private final BareSteps steps;
    private final List<Double> bare = new ArrayList<>();
    private final List<Double> loop = new ArrayList<>();
    private int checks;
    private long begin;

    Turns(BareSteps steps) {
      this.steps = steps;
    }

    @Override
    public void check() {
      if (checks++ % BLOCK != 0) return;
      if (checks > 1) loop.add((System.nanoTime() - begin) / 1e9 / BLOCK);
      bare.add(steps.block());
      begin = System.nanoTime();
    }

    @Override
    public void worked(long units) {}

    @Override
    public void now(String what) {}

    /** Each block of the loop beside the mean of the bare ones before and after it. */
    void print() {
      List<Double> around =
          IntStream.range(WARM_UP, loop.size())
              .mapToObj(i -> (bare.get(i) + bare.get(i + 1)) / 2)
              .toList();
      List<Double> blocks = loop.subList(WARM_UP, loop.size());
      Summary ofBare = Summary.of(around, Confidence.NINETY_FIVE);
      Summary ofLoop = Summary.of(blocks, Confidence.NINETY_FIVE);
      Summary ratios =
          Summary.of(
              IntStream.range(0, blocks.size())
                  .mapToObj(i -> around.get(i) / blocks.get(i))
                  .toList(),
              Confidence.NINETY_FIVE);
      System.out.printf(
          "%d blocks of %d steps: bare %.2f ms a step, loop %.2f ms: %.4f of the bare step's speed;"
              + " mean of paired ratios %.4f +- %.4f (95 %%)%n",
          ratios.n(),
          BLOCK,
          ofBare.mean() * 1e3,
          ofLoop.mean() * 1e3,
          ofBare.mean() / ofLoop.mean(),
          ratios.mean(),
          ratios.spread().orElseThrow().interval().halfWidth());
    }
  }
}
