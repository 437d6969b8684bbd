package io.gemlab.experiments.compile;

import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.choice.Deviation;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The model whose program is compiled, and what {@link Axis axes} set of it.
 *
 * @param published the model, before what is set below
 * @param block positions in a block of blockwise attention; empty to choose by length
 * @param softcap whether the model's two caps stay on
 * @param layers how the layers stand in the program
 * @param remat what a gradient computes again
 */
record ModelVariant(
    ModelSpec published,
    OptionalInt block,
    Softcaps softcap,
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
    boolean allowDeviation = published.ops().allowDeviation();
    return with(published.withOps(new OpChoice(Choices.attention(text), allowDeviation)));
  }

  ModelVariant withPrecision(String text) {
    return with(published.withPrecision(Choices.precision(text)));
  }

  private ModelVariant with(ModelSpec other) {
    return new ModelVariant(other, block, softcap, layers, remat);
  }

  ModelVariant withBlock(int positions) {
    return new ModelVariant(published, OptionalInt.of(positions), softcap, layers, remat);
  }

  ModelVariant withSoftcap(String text) {
    return new ModelVariant(published, block, Softcaps.of(text), layers, remat);
  }

  ModelVariant withLayers(String text) {
    return new ModelVariant(published, block, softcap, Choices.layers(text), remat);
  }

  ModelVariant withRemat(String text) {
    return new ModelVariant(published, block, softcap, layers, Choices.remat(text));
  }

  /** Each layer computed again, and nothing, which only unrolled layers can. */
  List<ModelVariant> rematerialised() {
    return List.of(
        new ModelVariant(published, block, softcap, layers, Depth.Remat.LAYER),
        new ModelVariant(published, block, softcap, Depth.Layers.UNROLLED, Depth.Remat.NONE));
  }

  /** What reports call the model. */
  String label() {
    return published.name();
  }

  /** The architecture that is compiled. */
  Gemma2Config config() {
    return switch (softcap) {
      case ON -> published.config();
      case OFF -> published.config().withoutSoftcaps();
    };
  }

  OpChoice ops() {
    return published.ops();
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
              .formatted(ops().attention().label()));
    }
    Gemma2Model<?> model = model();
    model.requireSupported();
    model.weights();
  }

  Gemma2Model<?> model() {
    OpChoice chosen = isBlockwise() ? new OpChoice(blockwise(), ops().allowDeviation()) : ops();
    return published
        .withConfig(config())
        .withOps(chosen)
        .withDepth(new Depth(layers, remat))
        .model();
  }

  private boolean isBlockwise() {
    return ops().attention() instanceof BlockwiseAttention;
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
            ops().attention().label(),
            block.isPresent() ? " in blocks of " + block.getAsInt() : "",
            softcap == Softcaps.ON ? "" : " without softcaps",
            published.precision().label(),
            new Depth(layers, remat).described());
  }
}
