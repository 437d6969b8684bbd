package io.gemlab.graph.gemma2;

import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.AttentionSpec;
import io.gemlab.ops.attention.QkNorm;
import io.gemlab.ops.norm.RmsNorm;
import io.gemlab.ops.position.Rope;
import io.gemlab.ops.position.RotaryEmbedding;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * One decoder layer: {@code x + norm(attention(norm(x)))}, then {@code x + norm(mlp(norm(x)))}.
 *
 * <p>Letters: B batch, T length, M = B * T rows, D hidden, F intermediate, N heads, K kv heads, H
 * head_dim.
 *
 * @param config the model's
 * @param layer the layer's number, from 0
 * @param attention the implementation
 * @param spec what it computes
 */
record Gemma2DecoderLayer<T extends TFloating>(
    Gemma2Config config, int layer, Attention attention, AttentionSpec spec) {

  /**
   * What all layers share: where keys and values are found, and who looks on.
   *
   * @param rotary how far each token is turned, for each rotary embedding that layers have
   */
  record Context(
      long batch,
      long length,
      Map<Rope, RotaryEmbedding> rotary,
      KeyValues keyValues,
      AttentionObserver observer) {}

  /** From and to the residual stream, [M, D]. */
  Operand<T> apply(Ops tf, Weights weights, Context context, Operand<T> x_MD) {
    Ops here = tf.withSubScope("layers." + layer);
    Operand<T> afterAttention_MD =
        here.math.add(
            x_MD,
            normAfter(
                here,
                weights,
                LayerWeight.POST_ATTENTION_LAYERNORM,
                attention(
                    here.withSubScope("self_attn"),
                    weights,
                    context,
                    normBefore(here, weights, LayerWeight.INPUT_LAYERNORM, x_MD))));
    return here.math.add(
        afterAttention_MD,
        normAfter(
            here,
            weights,
            LayerWeight.POST_FEEDFORWARD_LAYERNORM,
            mlp(
                here.withSubScope("mlp"),
                weights,
                normBefore(
                    here, weights, LayerWeight.PRE_FEEDFORWARD_LAYERNORM, afterAttention_MD))));
  }

  private Operand<T> attention(Ops tf, Weights weights, Context context, Operand<T> x_MD) {
    Operand<T> q_BTNH =
        heads(tf, context, spec.heads(), project(tf, weights, LayerWeight.Q_PROJ, x_MD));
    Operand<T> k_BTKH =
        heads(tf, context, spec.kvHeads(), project(tf, weights, LayerWeight.K_PROJ, x_MD));
    Operand<T> v_BTKH =
        heads(tf, context, spec.kvHeads(), project(tf, weights, LayerWeight.V_PROJ, x_MD));
    if (config.qkNorm()) {
      QkNorm norm =
          new QkNorm(
              weights.get(LayerWeight.Q_NORM.in(layer)),
              weights.get(LayerWeight.K_NORM.in(layer)),
              (float) config.rmsNormEps());
      q_BTNH = norm.queries(tf.withSubScope("q_norm"), q_BTNH);
      k_BTKH = norm.keys(tf.withSubScope("k_norm"), k_BTKH);
    }
    Ops rope = tf.withSubScope("rotary_emb");
    RotaryEmbedding rotary = context.rotary().get(config.rope(layer));
    KeyValues.Found<T> found =
        context
            .keyValues()
            .find(tf.withSubScope("cache"), layer, rotary.rotate(rope, k_BTKH), v_BTKH);
    Operand<T> rotated_BTNH = rotary.rotate(rope, q_BTNH);
    context.observer().attends(layer, spec, found.mask(), rotated_BTNH, found.k_BSKH());
    Operand<T> attended_BTNH =
        attention.attend(
            tf.withSubScope(attention.label()),
            spec,
            found.mask(),
            rotated_BTNH,
            found.k_BSKH(),
            found.v_BSKH());
    Operand<T> attended_MQ =
        tf.reshape(
            attended_BTNH,
            tf.constant(
                new long[] {
                  context.batch() * context.length(), (long) spec.heads() * spec.headDim()
                }));
    return project(tf, weights, LayerWeight.O_PROJ, attended_MQ);
  }

  private Operand<T> mlp(Ops tf, Weights weights, Operand<T> x_MD) {
    Operand<T> gate_MF = project(tf, weights, LayerWeight.GATE_PROJ, x_MD);
    Operand<T> up_MF = project(tf, weights, LayerWeight.UP_PROJ, x_MD);
    Operand<T> gated_MF = config.hiddenActivation().apply(tf, gate_MF, up_MF);
    return project(tf, weights, LayerWeight.DOWN_PROJ, gated_MF);
  }

  /** {@code x W^T}, with W stored [out, in]. */
  private Operand<T> project(Ops tf, Weights weights, LayerWeight part, Operand<T> x) {
    Ops here = tf.withSubScope(part.module().substring(part.module().indexOf('.') + 1));
    return weights.matrix(part.in(layer)).product(here, x);
  }

  private Operand<T> heads(Ops tf, Context context, int heads, Operand<T> x) {
    return tf.reshape(
        x, tf.constant(new long[] {context.batch(), context.length(), heads, spec.headDim()}));
  }

  private Operand<T> normBefore(Ops tf, Weights weights, LayerWeight part, Operand<T> x_MD) {
    return config.norms().before() ? norm(tf, weights, part, x_MD) : x_MD;
  }

  private Operand<T> normAfter(Ops tf, Weights weights, LayerWeight part, Operand<T> x_MD) {
    return config.norms().after() ? norm(tf, weights, part, x_MD) : x_MD;
  }

  private Operand<T> norm(Ops tf, Weights weights, LayerWeight part, Operand<T> x_MD) {
    return RmsNorm.apply(
        tf.withSubScope(part.module()),
        x_MD,
        weights.get(part.in(layer)),
        (float) config.rmsNormEps());
  }
}
