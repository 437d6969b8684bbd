package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which of a model's weights are trained. The others are frozen: they take no gradient and no
 * moments.
 *
 * @param kinds the kinds that are trained
 * @param layers the layers that are; empty for all of the model. Where it is given, the embedding
 *     and the last norm, which are no layer's, are frozen
 */
public record Trainable(Set<WeightKind> kinds, Optional<LayerRange> layers) {
  /** No weight: what a program that only infers has. */
  public static final Trainable NONE =
      new Trainable(EnumSet.noneOf(WeightKind.class), Optional.empty());

  /** Every weight. */
  public static final Trainable ALL =
      new Trainable(EnumSet.allOf(WeightKind.class), Optional.empty());

  public Trainable {
    kinds = Set.copyOf(kinds);
  }

  /** An adapter alone. */
  public static final Trainable ADAPTER =
      new Trainable(EnumSet.of(WeightKind.LORA_A, WeightKind.LORA_B), Optional.empty());

  /** All but some kinds. */
  public static Trainable without(WeightKind first, WeightKind... others) {
    return new Trainable(EnumSet.complementOf(EnumSet.of(first, others)), Optional.empty());
  }

  /** All weights of some layers, and nothing else. */
  public static Trainable only(LayerRange layers) {
    return new Trainable(EnumSet.allOf(WeightKind.class), Optional.of(layers));
  }

  boolean includes(WeightSpec weight) {
    return kinds.contains(weight.kind())
        && layers
            .map(range -> weight.layer().isPresent() && range.contains(weight.layer().getAsInt()))
            .orElse(true);
  }

  /**
   * A model's layers, cut where training begins and ends.
   *
   * @throws InvalidInput if the model has not as many layers
   */
  List<LayerRange> segments(Gemma2Config config) {
    int all = config.numHiddenLayers();
    LayerRange trained = layers.orElse(LayerRange.of(config));
    if (trained.end() > all) {
      throw new InvalidInput(
          "layers %d to %d are to be trained, and the model has layers 0 to %d"
              .formatted(trained.first(), trained.end() - 1, all - 1));
    }
    List<LayerRange> segments = new ArrayList<>();
    if (trained.first() > 0) segments.add(new LayerRange(0, trained.first()));
    segments.add(trained);
    if (trained.end() < all) segments.add(new LayerRange(trained.end(), all));
    return segments;
  }
}
