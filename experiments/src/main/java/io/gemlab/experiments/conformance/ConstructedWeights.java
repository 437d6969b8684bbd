package io.gemlab.experiments.conformance;

import io.gemlab.graph.gemma2.WeightSpec;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.CRC32;

/**
 * Weights of a few values that every format holds: matrices are -8/64 and 7/64, the ends of what 4
 * bits span, norms small whole numbers. So float32, bfloat16, float16 and quantized weights all
 * start from the same model, but for the rounding of scales, and a difference is one of arithmetic.
 *
 * <p>With a hidden size of 64 a projection of a normalised row has a standard deviation of about
 * its norm's gain, and embeddings, scaled, are about 1 and -1.
 *
 * @param attentionGain of the norm before attention: scores spread by its square, unless there is
 *     QK-norm
 * @param qkGain of QK-norm's norms: then scores spread by its square
 * @param logitGain of the last norm: logits spread by it
 */
record ConstructedWeights(int attentionGain, int qkGain, int logitGain) {
  private static final float LOW = -8 / 64f;
  private static final float HIGH = 7 / 64f;

  /** A residual stream that is mostly attention's shows what attention did. */
  private static final int AFTER_ATTENTION_GAIN = 3;

  /** Of a model without QK-norm. */
  ConstructedWeights(int attentionGain, int logitGain) {
    this(attentionGain, 1, logitGain);
  }

  /** A weight's values. They depend on its name and on the gains alone. */
  float[] values(WeightSpec weight) {
    float[] values = new float[Math.toIntExact(weight.shape().elements())];
    if (weight.isNorm()) {
      // Norms are stored as their distance from one.
      java.util.Arrays.fill(values, gain(weight.name()) - 1f);
      return values;
    }
    Random random = new Random(seed(weight.name()));
    for (int i = 0; i < values.length; i++) values[i] = random.nextBoolean() ? HIGH : LOW;
    return values;
  }

  private int gain(String norm) {
    if (norm.equals(WeightSpec.FINAL_NORM)) return logitGain;
    if (norm.contains(".input_layernorm.")) return attentionGain;
    if (norm.contains(".q_norm.") || norm.contains(".k_norm.")) return qkGain;
    return norm.contains(".post_attention_layernorm.") ? AFTER_ATTENTION_GAIN : 1;
  }

  private static long seed(String name) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }
}
