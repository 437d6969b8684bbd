package io.gemlab.experiments.conformance;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * A tiny Gemma 2, or Gemma 3, with constructed weights, and tokens for it, made so that some
 * mistake shows grossly in the logits: two layers, the first sliding with a window of 8, and two
 * rows of 40 tokens, padded on the left.
 */
public enum Probe {
  /** Scores far beyond the attention's cap. */
  ATTENTION_SOFTCAP("the attention's softcap applied", 32, new ConstructedWeights(12, 4), 0, 7),
  /** Logits far beyond their cap. */
  FINAL_SOFTCAP("the logits' softcap applied", 32, new ConstructedWeights(1, 96), 0, 7),
  /** Flat attention, so that a token's output is the mean over all that it sees. */
  WINDOW("window kept", 32, new ConstructedWeights(1, 8), 0, 7),
  /** Scores that are sharp under the right scale and flat under head_dim's. */
  QUERY_SCALE("query_pre_attn_scalar used", 2, new ConstructedWeights(1, 8), 0, 7),
  /** Flat attention again, over rows that are padding for the most part. */
  PADDING("padding left out", 32, new ConstructedWeights(1, 8), 20, 30),
  /** Scores that are sharp by QK-norm's weights alone, and turn with the tokens' distance. */
  ROTARY_BASES(
      "QK-norm applied, and each type of layer turned by its own rotary base",
      32,
      new ConstructedWeights(1, 2, 8),
      0,
      7) {
    @Override
    void adapt(ObjectNode config) {
      config
          .putNull("attn_logit_softcapping")
          .putNull("final_logit_softcapping")
          .put("rope_theta", 1e6)
          .put("rope_local_base_freq", 1e4)
          .put("qk_norm", true);
    }
  };

  private static final int LENGTH = 40;
  private static final int WINDOW_SIZE = 8;
  private static final int VOCABULARY = 256;

  private final String shows;
  private final int queryPreAttnScalar;
  private final ConstructedWeights weights;
  private final int[] padding;

  Probe(String shows, int queryPreAttnScalar, ConstructedWeights weights, int... padding) {
    this.shows = shows;
    this.queryPreAttnScalar = queryPreAttnScalar;
    this.weights = weights;
    this.padding = padding;
  }

  /** The name on the command line and in files: {@code query_scale}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws io.gemlab.graph.base.input.InvalidInput if there is no such probe
   */
  public static Probe of(String label) {
    return Arrays.stream(values())
        .filter(probe -> probe.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                NearestName.unknown(
                    "probe", label, Arrays.stream(values()).map(Probe::label).toList()));
  }

  /** What a runtime that conforms is seen to do. */
  public String shows() {
    return shows;
  }

  Gemma2Config config() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("vocab_size", VOCABULARY)
        .put("hidden_size", 64)
        .put("intermediate_size", 128)
        .put("num_hidden_layers", 2)
        .put("num_attention_heads", 4)
        .put("num_key_value_heads", 2)
        .put("head_dim", 32)
        .put("sliding_window", WINDOW_SIZE)
        .put("query_pre_attn_scalar", queryPreAttnScalar)
        .put("attn_logit_softcapping", 50.0)
        .put("final_logit_softcapping", 30.0)
        .put("rope_theta", 10000.0)
        .put("rms_norm_eps", 1e-6)
        .put("max_position_embeddings", 128)
        .put("hidden_activation", "gelu_pytorch_tanh");
    adapt(json);
    return ConfigJson.read(json, "probe " + label());
  }

  /** Changes what is not Gemma 2's. */
  void adapt(ObjectNode config) {}

  ConstructedWeights weights() {
    return weights;
  }

  /** Random tokens after BOS, the same for all probes. */
  TokenBatch batch() {
    Gemma2Config.SpecialTokens special = config().tokens();
    Random random = new Random(2408_00118);
    int[][] ids = new int[padding.length][LENGTH];
    int[][] mask = new int[padding.length][LENGTH];
    for (int b = 0; b < ids.length; b++) {
      int first = padding[b];
      for (int t = 0; t < LENGTH; t++) {
        int drawn = random.nextInt(3, VOCABULARY);
        ids[b][t] = t < first ? special.pad() : t == first ? special.bos() : drawn;
        mask[b][t] = t < first ? 0 : 1;
      }
    }
    return new TokenBatch(ids, mask);
  }

  /** The tokens of each row, without the padding. */
  List<int[]> rows() {
    int[][] ids = batch().inputIds();
    List<int[]> rows = new ArrayList<>();
    for (int b = 0; b < ids.length; b++) rows.add(Arrays.copyOfRange(ids[b], padding[b], LENGTH));
    return rows;
  }
}
