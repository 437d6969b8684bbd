package io.gemlab.experiments.trainer;

import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.experiments.recipe.Kind;
import io.gemlab.experiments.recipe.Values;
import io.gemlab.graph.base.adapter.Lora;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.quantize.Quantization;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a run trains instead of the model's weights.
 *
 * @param lora the adapter
 * @param base how the frozen weights are kept
 */
record AdapterSpec(Lora lora, Base base) {
  /** How frozen weights are kept. */
  enum Base {
    FLOAT32(ElementType.F32, Quantization.NONE),
    BFLOAT16(ElementType.BF16, Quantization.NONE),
    INT8(ElementType.F32, Quantization.INT8),
    INT4(ElementType.F32, Quantization.INT4);

    /** Of those that aren't quantized. */
    final ElementType stored;

    final Quantization quantization;

    Base(ElementType stored, Quantization quantization) {
      this.stored = stored;
      this.quantization = quantization;
    }

    String label() {
      return quantization == Quantization.NONE ? stored.label() : quantization.label();
    }
  }

  private static final Key<Integer> RANK =
      Key.of(
              "rank",
              Kind.INTEGER,
              Values.atLeast(1),
              "The rank of a LoRA adapter that is trained while the checkpoint stays as it is; null"
                  + " trains the model's own weights.")
          .orNull();
  private static final Key<Double> ALPHA =
      Key.of(
          "alpha",
          Kind.NUMBER,
          Values.POSITIVE,
          "What the adapter's product is multiplied by, times the rank, as PEFT's `lora_alpha`.");
  private static final Key<List<String>> TARGETS =
      Key.of(
          "targets",
          Kind.TEXTS,
          Values.ANY,
          "Projections that get an adapter in each layer, as PEFT calls them: `q_proj`, `k_proj`,"
              + " `v_proj`, `o_proj`, `gate_proj`, `up_proj`, `down_proj`, or `all-linear`.");
  private static final Key<String> BASE_DTYPE =
      Key.of(
          "base_dtype",
          Kind.TEXT,
          new Values.OneOf(Stream.of(Base.values()).map(Base::label).toList(), ""),
          "How the checkpoint's weights are kept, which take no gradient: floats, or int8 or int4"
              + " (QLoRA).");

  /** What {@link #of} reads. */
  static final List<Key<?>> KEYS = List.of(RANK, ALPHA, TARGETS, BASE_DTYPE);

  /**
   * Reads the keys.
   *
   * @return empty where there is no rank
   * @throws InvalidInput if a value can't be
   */
  static Optional<AdapterSpec> of(Fields fields) {
    if (!fields.has(RANK.name())) return Optional.empty();
    Lora lora = new Lora(fields.get(RANK), fields.get(ALPHA), fields.get(TARGETS));
    return Optional.of(
        new AdapterSpec(
            lora,
            Choices.named(
                BASE_DTYPE.name(), fields.get(BASE_DTYPE), List.of(Base.values()), Base::label)));
  }
}
