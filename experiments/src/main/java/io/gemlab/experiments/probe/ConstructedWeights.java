package io.gemlab.experiments.probe;

import io.gemlab.graph.gemma2.WeightSpec;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.CRC32;

/**
 * Weights of a few values that every format holds exactly: matrices are 1/8 and -1/8, norms small
 * whole numbers. So float32, bfloat16, float16 and symmetric quantization down to few bits all
 * start from the same model, and a difference is one of arithmetic.
 *
 * <p>With a hidden size of 64 a projection of a normalised row has a standard deviation of its
 * norm's gain, and embeddings, scaled, are 1 and -1.
 *
 * @param attentionGain of the norm before attention: scores spread by its square
 * @param logitGain of the last norm: logits spread by it
 */
record ConstructedWeights(int attentionGain, int logitGain) {
  private static final float MAGNITUDE = 0.125f;

  /** A residual stream that is mostly attention's shows what attention did. */
  private static final int AFTER_ATTENTION_GAIN = 3;

  /** A weight's values. They depend on its name and on the gains alone. */
  float[] values(WeightSpec weight) {
    float[] values = new float[Math.toIntExact(weight.shape().elements())];
    if (weight.isNorm()) {
      // Norms are stored as their distance from one.
      java.util.Arrays.fill(values, gain(weight.name()) - 1f);
      return values;
    }
    Random random = new Random(seed(weight.name()));
    for (int i = 0; i < values.length; i++)
      values[i] = random.nextBoolean() ? MAGNITUDE : -MAGNITUDE;
    return values;
  }

  private int gain(String norm) {
    if (norm.equals("model.norm.weight")) return logitGain;
    if (norm.contains(".input_layernorm.")) return attentionGain;
    return norm.contains(".post_attention_layernorm.") ? AFTER_ATTENTION_GAIN : 1;
  }

  private static long seed(String name) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }
}
