package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.adapter.Lora;
import io.gemlab.graph.base.adapter.LoraFactor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A weight's name, as Hugging Face has it, and shape; projections are stored [out, in].
 *
 * <p>The head is the embedding and has no entry of its own.
 *
 * @param kind what it does
 * @param layer which layer's it is; empty where it is none's
 */
public record WeightSpec(String name, WeightKind kind, TensorShape shape, OptionalInt layer) {
  /** The embedding, and the head tied to it: [V, D]. */
  public static final String EMBEDDING = "model.embed_tokens.weight";

  /** The name of the last norm's weight. */
  public static final String FINAL_NORM = "model.norm.weight";

  /** Whether this is a norm's weight, stored as its distance from one. */
  public boolean isNorm() {
    return kind == WeightKind.NORM;
  }

  /** All weights of a model, in the order of its layers. */
  public static List<WeightSpec> of(Gemma2Config config) {
    long hidden = config.hiddenSize();
    List<WeightSpec> weights = new ArrayList<>();
    weights.add(
        new WeightSpec(
            EMBEDDING,
            WeightKind.EMBEDDING,
            TensorShape.of(config.vocabSize(), hidden),
            OptionalInt.empty()));
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      for (LayerWeight weight : LayerWeight.values()) {
        if (isPresent(config, weight)) {
          weights.add(
              new WeightSpec(
                  weight.in(layer), weight.kind(), shape(config, weight), OptionalInt.of(layer)));
        }
      }
    }
    weights.add(
        new WeightSpec(FINAL_NORM, WeightKind.NORM, TensorShape.of(hidden), OptionalInt.empty()));
    return weights;
  }

  /**
   * The weights of a model's adapter, in the order of its layers; they are not among {@link #of}.
   */
  public static List<WeightSpec> ofAdapter(Gemma2Config config, Lora lora) {
    List<WeightSpec> factors = new ArrayList<>();
    for (WeightSpec weight : of(config)) {
      if (!lora.targets(weight.name())) continue;
      for (LoraFactor factor : LoraFactor.values()) {
        factors.add(
            new WeightSpec(
                factor.of(weight.name()),
                switch (factor) {
                  case A -> WeightKind.LORA_A;
                  case B -> WeightKind.LORA_B;
                },
                factor.shape(weight.shape(), lora.rank()),
                weight.layer()));
      }
    }
    return factors;
  }

  /** The shape of every weight of a model by its name. */
  public static Map<String, TensorShape> shapes(Gemma2Config config) {
    Map<String, TensorShape> shapes = new LinkedHashMap<>();
    of(config).forEach(weight -> shapes.put(weight.name(), weight.shape()));
    return shapes;
  }

  /** The number of parameters of a model, the tied embedding counted once. */
  public static long parameters(Gemma2Config config) {
    return of(config).stream().mapToLong(weight -> weight.shape().elements()).sum();
  }

  private static boolean isPresent(Gemma2Config config, LayerWeight weight) {
    return switch (weight) {
      case INPUT_LAYERNORM, PRE_FEEDFORWARD_LAYERNORM -> config.norms().before();
      case POST_ATTENTION_LAYERNORM, POST_FEEDFORWARD_LAYERNORM -> config.norms().after();
      case Q_NORM, K_NORM -> config.qkNorm();
      case Q_PROJ, K_PROJ, V_PROJ, O_PROJ, GATE_PROJ, UP_PROJ, DOWN_PROJ -> true;
    };
  }

  private static TensorShape shape(Gemma2Config config, LayerWeight weight) {
    long hidden = config.hiddenSize();
    long queries = (long) config.numAttentionHeads() * config.headDim();
    long keys = (long) config.numKeyValueHeads() * config.headDim();
    return switch (weight) {
      case Q_PROJ -> TensorShape.of(queries, hidden);
      case K_PROJ, V_PROJ -> TensorShape.of(keys, hidden);
      case O_PROJ -> TensorShape.of(hidden, queries);
      case Q_NORM, K_NORM -> TensorShape.of(config.headDim());
      case GATE_PROJ, UP_PROJ -> TensorShape.of(config.intermediateSize(), hidden);
      case DOWN_PROJ -> TensorShape.of(hidden, config.intermediateSize());
      case INPUT_LAYERNORM,
          POST_ATTENTION_LAYERNORM,
          PRE_FEEDFORWARD_LAYERNORM,
          POST_FEEDFORWARD_LAYERNORM ->
          TensorShape.of(hidden);
    };
  }
}
