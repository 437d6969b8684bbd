package io.gemlab.graph.gemma2;

import io.gemlab.graph.tensor.TensorShape;
import java.util.ArrayList;
import java.util.List;

/**
 * A weight's name, as Hugging Face has it, and shape; projections are stored [out, in].
 *
 * <p>The head is the embedding and has no entry of its own.
 */
public record WeightSpec(String name, TensorShape shape) {

  /** The names of a layer's parts. */
  static String layer(int layer, String part) {
    return "model.layers." + layer + "." + part + ".weight";
  }

  /** The embedding, and the head tied to it: [V, D]. */
  public static final String EMBEDDING = "model.embed_tokens.weight";

  static final String FINAL_NORM = "model.norm.weight";

  /** Whether this is a norm's weight, stored as its distance from one. */
  public boolean isNorm() {
    return shape.rank() == 1;
  }

  /** All weights of a model, in the order of its layers. */
  public static List<WeightSpec> of(Gemma2Config config) {
    long hidden = config.hiddenSize();
    long intermediate = config.intermediateSize();
    long queries = (long) config.numAttentionHeads() * config.headDim();
    long keys = (long) config.numKeyValueHeads() * config.headDim();
    List<WeightSpec> weights = new ArrayList<>();
    weights.add(new WeightSpec(EMBEDDING, TensorShape.of(config.vocabSize(), hidden)));
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      if (config.norms().before()) weights.add(of(i, "input_layernorm", hidden));
      weights.add(of(i, "self_attn.q_proj", queries, hidden));
      weights.add(of(i, "self_attn.k_proj", keys, hidden));
      weights.add(of(i, "self_attn.v_proj", keys, hidden));
      if (config.qkNorm()) {
        weights.add(of(i, "self_attn.q_norm", config.headDim()));
        weights.add(of(i, "self_attn.k_norm", config.headDim()));
      }
      weights.add(of(i, "self_attn.o_proj", hidden, queries));
      if (config.norms().after()) weights.add(of(i, "post_attention_layernorm", hidden));
      if (config.norms().before()) weights.add(of(i, "pre_feedforward_layernorm", hidden));
      weights.add(of(i, "mlp.gate_proj", intermediate, hidden));
      weights.add(of(i, "mlp.up_proj", intermediate, hidden));
      weights.add(of(i, "mlp.down_proj", hidden, intermediate));
      if (config.norms().after()) weights.add(of(i, "post_feedforward_layernorm", hidden));
    }
    weights.add(new WeightSpec(FINAL_NORM, TensorShape.of(hidden)));
    return weights;
  }

  /** The number of parameters of a model, the tied embedding counted once. */
  public static long parameters(Gemma2Config config) {
    return of(config).stream().mapToLong(weight -> weight.shape().elements()).sum();
  }

  private static WeightSpec of(int layer, String part, long... shape) {
    return new WeightSpec(layer(layer, part), TensorShape.of(shape));
  }
}
