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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
        ShuffledBatches all = recipe.batches(input);
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
      double[] around =
          IntStream.range(WARM_UP, loop.size())
              .mapToDouble(i -> (bare.get(i) + bare.get(i + 1)) / 2)
              .toArray();
      double[] ratios = new double[around.length];
      for (int i = 0; i < ratios.length; i++) ratios[i] = around[i] / loop.get(WARM_UP + i);
      double mean =
          IntStream.range(0, ratios.length).mapToDouble(i -> ratios[i]).average().orElse(0);
      double squares = 0;
      for (double ratio : ratios) squares += Math.pow(ratio - mean, 2);
      double error = Math.sqrt(squares / (ratios.length - 1) / ratios.length);
      double ofBare = Arrays.stream(around).average().orElse(0);
      double ofLoop =
          loop.subList(WARM_UP, loop.size()).stream().mapToDouble(x -> x).average().orElse(0);
      System.out.printf(
          "%d blocks of %d steps: bare %.2f ms a step, loop %.2f ms: %.4f of the bare step's speed;"
              + " mean of paired ratios %.4f +- %.4f (95 %%)%n",
          ratios.length, BLOCK, ofBare * 1e3, ofLoop * 1e3, ofBare / ofLoop, mean, 1.96 * error);
    }
  }
}
