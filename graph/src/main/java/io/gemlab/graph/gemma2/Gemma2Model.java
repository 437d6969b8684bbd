package io.gemlab.graph.gemma2;

import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.embedding.TiedEmbedding;
import io.gemlab.ops.norm.RmsNorm;
import io.gemlab.ops.position.RotaryEmbedding;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * Gemma 2 as a pure function of weights and tokens.
 *
 * @param config the architecture
 * @param choice which implementation of each switchable op
 * @param type the type to compute in: residual stream and products; norms, softmax and caps are
 *     float32 inside
 * @param quantization how the embedding and the projections are kept
 * @see <a href="https://arxiv.org/abs/2408.00118">Gemma 2 report, section 2</a>
 */
public record Gemma2Model<T extends TFloating>(
    Gemma2Config config, OpChoice choice, Class<T> type, Quantization quantization) {

  /** A model whose matrices are kept as floating-point numbers. */
  public Gemma2Model(Gemma2Config config, OpChoice choice, Class<T> type) {
    this(config, choice, type, Quantization.NONE);
  }

  /**
   * The residual stream on its way up.
   *
   * @param embedded the scaled embeddings, [B, T, D]
   * @param layers each layer's output, [B, T, D]
   * @param normed what the head gets, [B, T, D]
   */
  public record Hidden<T extends TFloating>(
      Operand<T> embedded, List<Operand<T>> layers, Operand<T> normed) {}

  /** Runs the layers over whole rows. */
  public Hidden<T> hidden(
      Ops tf, Weights weights, Operand<TInt32> ids_BT, Operand<TInt32> positions_BT) {
    return hidden(tf, weights, ids_BT, positions_BT, KeyValues.ofRows(positions_BT));
  }

  /**
   * Runs the layers.
   *
   * @param ids_BT tokens, [B, T], each in [0, V)
   * @param positions_BT where each token stands in its row, [B, T]; below 0 for padding, on either
   *     side
   * @param keyValues what the layers attend to
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if an op can't do what the config asks
   */
  public Hidden<T> hidden(
      Ops tf,
      Weights weights,
      Operand<TInt32> ids_BT,
      Operand<TInt32> positions_BT,
      KeyValues keyValues) {
    Ops model = tf.withSubScope("model");
    long batch = ids_BT.shape().get(0);
    long length = ids_BT.shape().get(1);
    Gemma2DecoderLayer.Context context =
        new Gemma2DecoderLayer.Context(
            batch,
            length,
            RotaryEmbedding.of(
                model.withSubScope("rotary_emb"),
                positions_BT,
                config.headDim(),
                config.ropeTheta()),
            keyValues);
    Operand<T> embedded_BTD =
        embedding(weights)
            .lookup(model.withSubScope("embed_tokens"), ids_BT, config.embeddingScale());

    List<Operand<T>> layers = new ArrayList<>();
    Operand<T> x_MD =
        model.reshape(
            embedded_BTD, model.constant(new long[] {batch * length, config.hiddenSize()}));
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      x_MD = layer(i).apply(model, weights, context, x_MD);
      layers.add(rows(model, x_MD, batch, length));
    }
    Operand<T> normed_MD =
        RmsNorm.apply(
            model.withSubScope("norm"),
            x_MD,
            weights.vector(WeightSpec.FINAL_NORM),
            (float) config.rmsNormEps());
    return new Hidden<>(embedded_BTD, layers, rows(model, normed_MD, batch, length));
  }

  /**
   * Scores of the vocabulary before the final cap, in the type computed in.
   *
   * @param normed_BTD what {@link Hidden#normed} is
   * @return [M, V]
   */
  public Operand<T> rawLogits(Ops tf, Weights weights, Operand<T> normed_BTD) {
    Ops head = tf.withSubScope("lm_head");
    Operand<T> normed_MD =
        head.reshape(normed_BTD, head.constant(new long[] {-1, config.hiddenSize()}));
    return embedding(weights).logits(head, normed_MD);
  }

  /**
   * The model's logits: {@link #rawLogits} capped, in float32.
   *
   * @return same shape
   */
  public Operand<TFloat32> logits(Ops tf, Operand<T> rawLogits) {
    Softcap cap = config.finalLogitSoftcapping();
    return cap.apply(tf.withSubScope("final_logit_softcapping"), Scalars.toFloat32(tf, rawLogits));
  }

  private Gemma2DecoderLayer<T> layer(int layer) {
    return new Gemma2DecoderLayer<>(
        config, layer, choice.attention(), choice.resolve(config.attention(layer)));
  }

  private TiedEmbedding<T> embedding(Weights weights) {
    return new TiedEmbedding<>(weights.matrix(WeightSpec.EMBEDDING), type);
  }

  private Operand<T> rows(Ops tf, Operand<T> x_MD, long batch, long length) {
    return tf.reshape(x_MD, tf.constant(new long[] {batch, length, config.hiddenSize()}));
  }
}
