package io.gemlab.graph.decode;

import io.gemlab.graph.base.input.InvalidInput;

/**
 * How the next token is chosen: temperature first, then top-k, then top-p, in Hugging Face's order.
 *
 * @param temperature what logits are divided by; 0 takes the likeliest token
 * @param topK how many of the likeliest tokens may be drawn (more where they tie); 0 for all
 * @param topP the share of probability that the likeliest tokens drawn from must reach, in (0, 1];
 *     1 for all
 * @param seed of the random numbers; row b of a batch uses {@code seed + b}
 */
public record Sampling(double temperature, int topK, double topP, long seed) {
  private static final Sampling GREEDY = new Sampling(0, 0, 1, 0);

  public Sampling {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new InvalidInput(
          "temperature is " + temperature + "; give a finite number, 0 for the likeliest token");
    }
    if (temperature > 0 && (float) temperature < Float.MIN_NORMAL) {
      throw new InvalidInput(
          "temperature is " + temperature + ", which float32 can't divide by; give 0 instead");
    }
    if (topK < 0) {
      throw new InvalidInput("top-k is " + topK + "; give a number above 0, or 0 for all tokens");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new InvalidInput("top-p is " + topP + "; give a number above 0 and at most 1");
    }
  }

  /** The likeliest token each time. */
  public static Sampling greedy() {
    return GREEDY;
  }

  public Sampling withSeed(long other) {
    return new Sampling(temperature, topK, topP, other);
  }

  /** Whether nothing is left to chance. */
  public boolean isGreedy() {
    return temperature == 0;
  }
}
