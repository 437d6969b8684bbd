package io.gemlab.graph.checkpoint;

import io.gemlab.graph.InvalidInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The weights of a Gemma 2 of given sizes: Hugging Face's names, each with its shape, in the order
 * of the forward pass. Matrices are stored [out, in]. The output layer is the embedding and has no
 * name of its own.
 *
 * @param shapes the shape by the name
 */
public record WeightNames(Map<String, List<Long>> shapes) {
  public static final String EMBED_TOKENS = "model.embed_tokens.weight";
  public static final String FINAL_NORM = "model.norm.weight";

  private static final int NAMES_SHOWN = 3;

  public WeightNames {
    shapes = Collections.unmodifiableMap(new LinkedHashMap<>(shapes));
  }

  public static Builder builder() {
    return new Builder();
  }

  /** How many numbers the weights are, with the tied embedding counted once. */
  public long parameters() {
    return shapes.values().stream()
        .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
        .sum();
  }

  /**
   * @throws InvalidInput unless {@code checkpoint} has exactly these weights in these shapes; it
   *     names the first few that are missing, unexpected or of another shape, and how many there
   *     are
   */
  public void requireIn(HfCheckpoint checkpoint) {
    Map<String, TensorInfo> tensors = checkpoint.tensors();
    List<String> missing = new ArrayList<>();
    List<String> misshapen = new ArrayList<>();
    shapes.forEach(
        (name, shape) -> {
          TensorInfo tensor = tensors.get(name);
          if (tensor == null) missing.add(name);
          else if (!tensor.shape().equals(shape)) {
            misshapen.add("%s %s instead of %s".formatted(name, tensor.shape(), shape));
          }
        });
    List<String> unexpected =
        tensors.keySet().stream().filter(name -> !shapes.containsKey(name)).toList();
    List<String> problems = new ArrayList<>();
    describe(problems, "missing", missing);
    describe(problems, "of another shape", misshapen);
    describe(problems, "unexpected", unexpected);
    if (problems.isEmpty()) return;
    throw new InvalidInput(
        "%s does not hold the weights that its configuration asks for: %s; check config.json"
            .formatted(checkpoint.folder(), String.join("; ", problems)));
  }

  private static void describe(List<String> problems, String what, List<String> names) {
    if (names.isEmpty()) return;
    List<String> first = names.subList(0, Math.min(NAMES_SHOWN, names.size()));
    String more = names.size() > NAMES_SHOWN ? ", ..." : "";
    problems.add("%d %s (%s%s)".formatted(names.size(), what, String.join(", ", first), more));
  }

  /** The sizes, each under its own name so that no two can be swapped. */
  public static final class Builder {
    private int vocabSize;
    private int hiddenSize;
    private int intermediateSize;
    private int numHiddenLayers;
    private int numAttentionHeads;
    private int numKeyValueHeads;
    private int headDim;
    private final Set<LayerWeight> present =
        EnumSet.complementOf(EnumSet.of(LayerWeight.Q_NORM, LayerWeight.K_NORM));

    private Builder() {}

    public Builder vocabSize(int vocabSize) {
      this.vocabSize = vocabSize;
      return this;
    }

    public Builder hiddenSize(int hiddenSize) {
      this.hiddenSize = hiddenSize;
      return this;
    }

    public Builder intermediateSize(int intermediateSize) {
      this.intermediateSize = intermediateSize;
      return this;
    }

    public Builder numHiddenLayers(int numHiddenLayers) {
      this.numHiddenLayers = numHiddenLayers;
      return this;
    }

    public Builder numAttentionHeads(int numAttentionHeads) {
      this.numAttentionHeads = numAttentionHeads;
      return this;
    }

    public Builder numKeyValueHeads(int numKeyValueHeads) {
      this.numKeyValueHeads = numKeyValueHeads;
      return this;
    }

    public Builder headDim(int headDim) {
      this.headDim = headDim;
      return this;
    }

    /** With a norm of head_dim on queries and on keys, as Gemma 3 has. */
    public Builder withQkNorm() {
      present.addAll(List.of(LayerWeight.Q_NORM, LayerWeight.K_NORM));
      return this;
    }

    /** Without the norms in front of attention and feed-forward. */
    public Builder withoutPreNorms() {
      present.removeAll(
          List.of(LayerWeight.INPUT_LAYERNORM, LayerWeight.PRE_FEEDFORWARD_LAYERNORM));
      return this;
    }

    /** Without the norms behind attention and feed-forward. */
    public Builder withoutPostNorms() {
      present.removeAll(
          List.of(LayerWeight.POST_ATTENTION_LAYERNORM, LayerWeight.POST_FEEDFORWARD_LAYERNORM));
      return this;
    }

    /**
     * @throws IllegalArgumentException if a size was not given
     */
    public WeightNames build() {
      requirePositive("vocab_size", vocabSize);
      requirePositive("hidden_size", hiddenSize);
      requirePositive("intermediate_size", intermediateSize);
      requirePositive("num_hidden_layers", numHiddenLayers);
      requirePositive("num_attention_heads", numAttentionHeads);
      requirePositive("num_key_value_heads", numKeyValueHeads);
      requirePositive("head_dim", headDim);
      Map<String, List<Long>> shapes = new LinkedHashMap<>();
      shapes.put(EMBED_TOKENS, shape(vocabSize, hiddenSize));
      for (int layer = 0; layer < numHiddenLayers; layer++) {
        for (LayerWeight weight : present) shapes.put(weight.in(layer), shapeOf(weight));
      }
      shapes.put(FINAL_NORM, shape(hiddenSize));
      return new WeightNames(shapes);
    }

    private List<Long> shapeOf(LayerWeight weight) {
      long queries = (long) numAttentionHeads * headDim;
      long keys = (long) numKeyValueHeads * headDim;
      return switch (weight) {
        case Q_PROJ -> shape(queries, hiddenSize);
        case K_PROJ, V_PROJ -> shape(keys, hiddenSize);
        case O_PROJ -> shape(hiddenSize, queries);
        case Q_NORM, K_NORM -> shape(headDim);
        case GATE_PROJ, UP_PROJ -> shape(intermediateSize, hiddenSize);
        case DOWN_PROJ -> shape(hiddenSize, intermediateSize);
        case INPUT_LAYERNORM,
            POST_ATTENTION_LAYERNORM,
            PRE_FEEDFORWARD_LAYERNORM,
            POST_FEEDFORWARD_LAYERNORM ->
            shape(hiddenSize);
      };
    }

    private static List<Long> shape(long... dimensions) {
      return Arrays.stream(dimensions).boxed().toList();
    }

    private static void requirePositive(String name, int value) {
      if (value > 0) return;
      throw new IllegalArgumentException(name + " is " + value + ": give a positive number");
    }
  }
}
