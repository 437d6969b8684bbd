package io.gemlab.graph.gemma2;

import io.gemlab.ops.Scalars;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.AttentionMask;
import io.gemlab.ops.attention.AttentionSpec;
import io.gemlab.ops.attention.QkNorm;
import io.gemlab.ops.norm.RmsNorm;
import io.gemlab.ops.position.RotaryEmbedding;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
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
 * @param type the type to compute in
 */
record Gemma2DecoderLayer<T extends TFloating>(
    Gemma2Config config, int layer, Attention attention, AttentionSpec spec, Class<T> type) {

  /** What all layers share: who sees whom, and how far each token is turned. */
  record Context(long batch, long length, AttentionMask mask, RotaryEmbedding rotary) {}

  /** From and to the residual stream, [M, D]. */
  Operand<T> apply(Ops tf, Weights weights, Context context, Operand<T> x_MD) {
    Ops here = tf.withSubScope("layers." + layer);
    Operand<T> afterAttention_MD =
        here.math.add(
            x_MD,
            normAfter(
                here,
                weights,
                "post_attention_layernorm",
                attention(
                    here.withSubScope("self_attn"),
                    weights,
                    context,
                    normBefore(here, weights, "input_layernorm", x_MD))));
    return here.math.add(
        afterAttention_MD,
        normAfter(
            here,
            weights,
            "post_feedforward_layernorm",
            mlp(
                here.withSubScope("mlp"),
                weights,
                normBefore(here, weights, "pre_feedforward_layernorm", afterAttention_MD))));
  }

  private Operand<T> attention(Ops tf, Weights weights, Context context, Operand<T> x_MD) {
    Operand<T> q_BTNH =
        heads(tf, context, spec.heads(), project(tf, weights, "self_attn.q_proj", x_MD));
    Operand<T> k_BTKH =
        heads(tf, context, spec.kvHeads(), project(tf, weights, "self_attn.k_proj", x_MD));
    Operand<T> v_BTKH =
        heads(tf, context, spec.kvHeads(), project(tf, weights, "self_attn.v_proj", x_MD));
    if (config.qkNorm()) {
      QkNorm norm =
          new QkNorm(
              weights.get(WeightSpec.layer(layer, "self_attn.q_norm")),
              weights.get(WeightSpec.layer(layer, "self_attn.k_norm")),
              (float) config.rmsNormEps());
      q_BTNH = norm.queries(tf.withSubScope("q_norm"), q_BTNH);
      k_BTKH = norm.keys(tf.withSubScope("k_norm"), k_BTKH);
    }
    Ops rope = tf.withSubScope("rotary_emb");
    Operand<T> attended_BTNH =
        attention.attend(
            tf.withSubScope(attention.label()),
            spec,
            context.mask(),
            context.rotary().rotate(rope, q_BTNH),
            context.rotary().rotate(rope, k_BTKH),
            v_BTKH);
    Operand<T> attended_MQ =
        tf.reshape(
            attended_BTNH,
            tf.constant(
                new long[] {
                  context.batch() * context.length(), (long) spec.heads() * spec.headDim()
                }));
    return project(tf, weights, "self_attn.o_proj", attended_MQ);
  }

  private Operand<T> mlp(Ops tf, Weights weights, Operand<T> x_MD) {
    Operand<T> gate_MF = project(tf, weights, "mlp.gate_proj", x_MD);
    Operand<T> up_MF = project(tf, weights, "mlp.up_proj", x_MD);
    Operand<T> gated_MF = config.hiddenActivation().apply(tf, gate_MF, up_MF);
    return project(tf, weights, "mlp.down_proj", gated_MF);
  }

  /** {@code x W^T}, with W stored [out, in]. */
  private Operand<T> project(Ops tf, Weights weights, String part, Operand<T> x) {
    Ops here = tf.withSubScope(part.substring(part.indexOf('.') + 1));
    Operand<T> weight = Scalars.cast(here, weights.get(WeightSpec.layer(layer, part)), type);
    return here.linalg.matMul(x, weight, MatMul.transposeB(true));
  }

  private Operand<T> heads(Ops tf, Context context, int heads, Operand<T> x) {
    return tf.reshape(
        x, tf.constant(new long[] {context.batch(), context.length(), heads, spec.headDim()}));
  }

  private Operand<T> normBefore(Ops tf, Weights weights, String part, Operand<T> x_MD) {
    return config.norms().before() ? norm(tf, weights, part, x_MD) : x_MD;
  }

  private Operand<T> normAfter(Ops tf, Weights weights, String part, Operand<T> x_MD) {
    return config.norms().after() ? norm(tf, weights, part, x_MD) : x_MD;
  }

  private Operand<T> norm(Ops tf, Weights weights, String part, Operand<T> x_MD) {
    return RmsNorm.apply(
        tf.withSubScope(part),
        x_MD,
        weights.get(WeightSpec.layer(layer, part)),
        (float) config.rmsNormEps());
  }
}
