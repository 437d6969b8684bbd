package io.gemlab.experiments.trainer;

import io.gemlab.experiments.train.StepResult;
import io.gemlab.graph.gemma2.ModelFlops;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import java.util.OptionalDouble;

/**
 * How much arithmetic a run's steps ask for, and what share of the machine's best they reach.
 *
 * @param config the model's
 * @param pass how often its products are computed
 * @param adapterFlops those of an adapter a token, forward and backward; 0 where there is none
 * @param productRate FLOP/s of the machine's matrix products; empty where they are not known
 */
record StepSpeed(
    Gemma2Config config, ModelFlops.Pass pass, double adapterFlops, OptionalDouble productRate) {
  /** Two for each multiply-add, once forward and once for each of two gradients. */
  private static final double FLOPS_A_TRAINED_NUMBER = 2 * 3;

  /** Of a recipe's steps. */
  static StepSpeed of(TrainRecipe recipe, Parameters parameters, OptionalDouble productRate) {
    Gemma2Config config = recipe.model().config();
    if (recipe.adapter().isEmpty()) {
      return new StepSpeed(config, ModelFlops.Pass.TRAINING, 0, productRate);
    }
    long numbers =
        parameters.trained().stream()
            .mapToLong(parameter -> parameter.weight().shape().elements())
            .sum();
    return new StepSpeed(
        config, ModelFlops.Pass.FROZEN_TRAINING, FLOPS_A_TRAINED_NUMBER * numbers, productRate);
  }

  /** What the architecture asks for in a step, whatever computes it; padding asks for nothing. */
  double flops(StepResult result) {
    return result.batches().stream()
        .mapToDouble(
            batch ->
                ModelFlops.of(config, pass, batch.tokens())
                    + adapterFlops * batch.tokens().documentLengths().sum())
        .sum();
  }

  /** Model FLOPs utilization: the share of the machine's rate; empty where that is not known. */
  OptionalDouble mfu(double flops, double seconds) {
    return productRate.isEmpty()
        ? productRate
        : OptionalDouble.of(flops / seconds / productRate.getAsDouble());
  }
}
