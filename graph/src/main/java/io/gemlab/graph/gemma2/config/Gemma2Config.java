package io.gemlab.graph.gemma2.config;

import io.gemlab.ops.attention.AttentionSpec;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.mlp.GatedActivation;
import io.gemlab.ops.position.Rope;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What makes a Gemma 2 model: Hugging Face's fields in camelCase, and the switches of ablations,
 * some of which make it Gemma 3's text model.
 *
 * <p>A config is read by name ({@link ConfigJson}); nothing constructs one from a row of numbers.
 *
 * @param vocabSize rows of the embedding
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width of gate and up, each
 * @param numAttentionHeads query heads
 * @param numKeyValueHeads key-value heads
 * @param headDim width of a head; even
 * @param layerTypes what each layer's attention sees; the first of Gemma 2 is sliding
 * @param slidingWindow positions a sliding layer sees, the token itself counted
 * @param queryPreAttnScalar scores are multiplied by its -0.5th power; never derived from other
 *     fields
 * @param attnLogitSoftcapping cap on scaled scores
 * @param finalLogitSoftcapping cap on logits
 * @param ropes rotary embedding of each type of layer
 * @param rmsNormEps added to the mean square
 * @param maxPositionEmbeddings the longest context the model was made for
 * @param hiddenActivation the MLP's gate
 * @param norms where a block's norms stand
 * @param qkNorm whether queries and keys are normalised head by head
 * @param tokens ids of the special tokens
 */
public record Gemma2Config(
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int numAttentionHeads,
    int numKeyValueHeads,
    int headDim,
    List<LayerType> layerTypes,
    int slidingWindow,
    double queryPreAttnScalar,
    Softcap attnLogitSoftcapping,
    Softcap finalLogitSoftcapping,
    LayerRopes ropes,
    double rmsNormEps,
    int maxPositionEmbeddings,
    GatedActivation hiddenActivation,
    NormPlacement norms,
    boolean qkNorm,
    SpecialTokens tokens) {

  /**
   * Ids of the special tokens.
   *
   * @param eos those that end a text, one or more
   */
  public record SpecialTokens(int bos, List<Integer> eos, int pad) {
    public SpecialTokens {
      eos = List.copyOf(eos);
    }
  }

  /**
   * @throws IllegalArgumentException if a number is not above 0, head_dim is odd, or the query
   *     heads are no multiple of the key-value heads
   */
  public Gemma2Config {
    layerTypes = List.copyOf(layerTypes);
    positive("vocab_size", vocabSize);
    positive("hidden_size", hiddenSize);
    positive("intermediate_size", intermediateSize);
    positive("num_attention_heads", numAttentionHeads);
    positive("num_key_value_heads", numKeyValueHeads);
    positive("head_dim", headDim);
    positive("num_hidden_layers", layerTypes.size());
    positive("sliding_window", slidingWindow);
    positive("max_position_embeddings", maxPositionEmbeddings);
    positive("query_pre_attn_scalar", queryPreAttnScalar);
    positive("rms_norm_eps", rmsNormEps);
    if (headDim % 2 != 0) {
      throw new IllegalArgumentException(
          "head_dim is " + headDim + "; rotary embedding needs an even number");
    }
    if (numAttentionHeads % numKeyValueHeads != 0) {
      throw new IllegalArgumentException(
          "num_attention_heads is "
              + numAttentionHeads
              + " and num_key_value_heads is "
              + numKeyValueHeads
              + "; the first must be a multiple of the second");
    }
  }

  public int numHiddenLayers() {
    return layerTypes.size();
  }

  /** What a layer's attention has to compute. */
  public AttentionSpec attention(int layer) {
    return new AttentionSpec(
        numAttentionHeads,
        numKeyValueHeads,
        headDim,
        Math.pow(queryPreAttnScalar, -0.5),
        attnLogitSoftcapping,
        layerTypes.get(layer) == LayerType.SLIDING_ATTENTION
            ? OptionalInt.of(slidingWindow)
            : OptionalInt.empty());
  }

  /** How far a layer's queries and keys are turned. */
  public Rope rope(int layer) {
    return ropes.of(layerTypes.get(layer));
  }

  /** The same architecture with neither cap, the attention's nor the logits'. */
  public Gemma2Config withoutSoftcaps() {
    return ConfigJson.read(
        ConfigJson.withoutSoftcaps(ConfigJson.write(this)), "a config without softcaps");
  }

  /** What to mind about rows of {@code length} tokens, if there is anything. */
  public Optional<String> caution(int length) {
    return length <= maxPositionEmbeddings
        ? Optional.empty()
        : Optional.of(
            "rows have %d tokens, but max_position_embeddings is %d: the model wasn't trained on"
                    .formatted(length, maxPositionEmbeddings)
                + " the positions beyond");
  }

  /** What embeddings are multiplied by, before it is rounded to the type computed in. */
  public double embeddingScale() {
    return Math.sqrt(hiddenSize);
  }

  private static void positive(String field, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(field + " is " + value + "; give a number above 0");
    }
  }

  private static void positive(String field, int value) {
    if (value <= 0)
      throw new IllegalArgumentException(field + " is " + value + "; give a number above 0");
  }
}
