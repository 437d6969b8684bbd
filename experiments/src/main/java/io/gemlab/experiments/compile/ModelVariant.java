package io.gemlab.experiments.compile;

import io.gemlab.experiments.recipe.Choices;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.ops.Precision;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.choice.Deviation;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The model whose program is compiled.
 *
 * @param label its preset, or its config's file
 * @param published its architecture, before the softcap's switch
 * @param ops which attention, and whether it may drop the cap
 * @param block positions in a block of blockwise attention; empty to choose by length
 * @param softcap whether the model's two caps stay on
 * @param precision the type computed in
 * @param layers how the layers stand in the program
 * @param remat what a gradient computes again
 */
record ModelVariant(
    String label,
    Gemma2Config published,
    OpChoice ops,
    OptionalInt block,
    Softcaps softcap,
    Precision precision,
    Depth.Layers layers,
    Depth.Remat remat) {

  /** The attention's cap and the logits'. */
  enum Softcaps {
    ON,
    OFF;

    private static Softcaps of(String text) {
      return switch (text) {
        case "on" -> ON;
        case "off" -> OFF;
        default ->
            throw new InvalidInput(
                "--softcap is %s; give on or off".formatted(InvalidInput.shown(text)));
      };
    }
  }

  ModelVariant withAttention(String text) {
    OpChoice other = new OpChoice(Choices.attention(text), ops.allowDeviation());
    return new ModelVariant(label, published, other, block, softcap, precision, layers, remat);
  }

  ModelVariant withBlock(int positions) {
    return new ModelVariant(
        label, published, ops, OptionalInt.of(positions), softcap, precision, layers, remat);
  }

  ModelVariant withSoftcap(String text) {
    return new ModelVariant(
        label, published, ops, block, Softcaps.of(text), precision, layers, remat);
  }

  ModelVariant withPrecision(String text) {
    return new ModelVariant(
        label, published, ops, block, softcap, Choices.precision(text), layers, remat);
  }

  ModelVariant withLayers(String text) {
    return new ModelVariant(
        label, published, ops, block, softcap, precision, Choices.layers(text), remat);
  }

  ModelVariant withRemat(String text) {
    return new ModelVariant(
        label, published, ops, block, softcap, precision, layers, Choices.remat(text));
  }

  /** Each layer computed again, and nothing, which only unrolled layers can. */
  List<ModelVariant> rematerialised() {
    return List.of(
        new ModelVariant(
            label, published, ops, block, softcap, precision, layers, Depth.Remat.LAYER),
        new ModelVariant(
            label,
            published,
            ops,
            block,
            softcap,
            precision,
            Depth.Layers.UNROLLED,
            Depth.Remat.NONE));
  }

  /** The architecture that is compiled. */
  Gemma2Config config() {
    if (softcap == Softcaps.ON) return published;
    return ConfigJson.read(ConfigJson.withoutSoftcaps(ConfigJson.write(published)), label);
  }

  /**
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if the attention can't do what the
   *     model asks, and may not leave it out
   * @throws InvalidInput if the layers can't be scanned, or not with this remat, or blocks are
   *     asked for where there are none
   */
  void requireSupported() {
    if (block.isPresent() && !isBlockwise()) {
      throw new InvalidInput(
          "--block cuts blockwise attention, and this is %s; leave one of them out"
              .formatted(ops.attention().label()));
    }
    Gemma2Model<?> model = model();
    model.requireSupported();
    model.weights();
  }

  Gemma2Model<?> model() {
    OpChoice chosen = isBlockwise() ? new OpChoice(blockwise(), ops.allowDeviation()) : ops;
    return new Gemma2Model<>(config(), chosen, precision.type(), new Depth(layers, remat));
  }

  private boolean isBlockwise() {
    return ops.attention() instanceof BlockwiseAttention;
  }

  private BlockwiseAttention blockwise() {
    return block.isPresent() ? new BlockwiseAttention(block) : BlockwiseAttention.forDevices();
  }

  /** What is compiled otherwise than asked. */
  Optional<Deviation> deviation() {
    return model().deviation();
  }

  /** In a few words. */
  String described() {
    return "%s attention%s%s, %s, %s"
        .formatted(
            ops.attention().label(),
            block.isPresent() ? " in blocks of " + block.getAsInt() : "",
            softcap == Softcaps.ON ? "" : " without softcaps",
            precision.label(),
            new Depth(layers, remat).described());
  }
}
