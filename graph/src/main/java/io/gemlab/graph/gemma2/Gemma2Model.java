package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.adapter.Lora;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.choice.Deviation;
import io.gemlab.ops.embedding.TiedEmbedding;
import io.gemlab.ops.norm.RmsNorm;
import io.gemlab.ops.position.Rope;
import io.gemlab.ops.position.RotaryEmbedding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
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
 * @param depth how programs over whole rows go through the layers
 * @param quantization how the embedding and the projections are kept
 * @param adapter what projections have beside themselves; empty for nothing
 * @see <a href="https://arxiv.org/abs/2408.00118">Gemma 2 report, section 2</a>
 */
public record Gemma2Model<T extends TFloating>(
    Gemma2Config config,
    OpChoice choice,
    Class<T> type,
    Depth depth,
    Quantization quantization,
    Optional<Lora> adapter) {
  public Gemma2Model {
    if (depth.layers() == Depth.Layers.SCANNED && quantization != Quantization.NONE) {
      throw new InvalidInput(
          "quantized weights can't be stacked, and layers are scanned; choose unrolled layers");
    }
  }

  /** A model without an adapter. */
  public Gemma2Model(
      Gemma2Config config, OpChoice choice, Class<T> type, Depth depth, Quantization quantization) {
    this(config, choice, type, depth, quantization, Optional.empty());
  }

  /** The same with an adapter. */
  public Gemma2Model<T> with(Lora lora) {
    return new Gemma2Model<>(config, choice, type, depth, quantization, Optional.of(lora));
  }

  /** A model whose programs hold every layer by itself, and its weights as floats. */
  public Gemma2Model(Gemma2Config config, OpChoice choice, Class<T> type) {
    this(config, choice, type, Depth.PLAIN, Quantization.NONE);
  }

  /** A model whose weights are floats. */
  public Gemma2Model(Gemma2Config config, OpChoice choice, Class<T> type, Depth depth) {
    this(config, choice, type, depth, Quantization.NONE);
  }

  /** A model whose programs hold every layer by itself. */
  public Gemma2Model(
      Gemma2Config config, OpChoice choice, Class<T> type, Quantization quantization) {
    this(config, choice, type, Depth.PLAIN, quantization);
  }

  /**
   * The residual stream on its way up.
   *
   * @param embedded the scaled embeddings, [B, T, D]
   * @param layers each layer's output, [B, T, D]; of scanned layers the last one's of each loop
   * @param normed what the head gets, [B, T, D]
   */
  public record Hidden<T extends TFloating>(
      Operand<T> embedded, List<Operand<T>> layers, Operand<T> normed) {}

  /**
   * Refuses now what tracing would refuse later.
   *
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if an op can't do what the config asks,
   *     and no deviation is allowed
   */
  public void requireSupported() {
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      choice.resolve(config.attention(layer));
    }
  }

  /** What an op leaves out of what the config asks, with permission; of all layers the same. */
  public Optional<Deviation> deviation() {
    return choice.deviation(config.attention(0));
  }

  /** The weights made of a program's state. */
  Weights weights(StateTensors tensors) {
    return new TensorWeights(quantization, adapter, tensors);
  }

  /** The weights as this model's programs keep them. */
  public List<StateWeight> weights() {
    return StateWeight.of(config, depth.layers());
  }

  /**
   * Runs the layers over whole rows.
   *
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if an op can't do what the config asks
   */
  public Hidden<T> forward(ModelTrace<T> traced, ModelTrace.Tokens tokens) {
    Ops model = traced.trace().ops().withSubScope("model");
    Operand<T> embedded_BTD = embedded(model, traced.weights(), tokens.ids_BT());
    List<Operand<T>> outputs_MD =
        segments(traced.parameters())
            .outputs(model, traced, tokens.places(), flat(model, embedded_BTD));
    return normed(model, traced.weights(), embedded_BTD, outputs_MD);
  }

  /**
   * Runs the layers over whole rows, so that gradients can come back.
   *
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if an op can't do what the config asks
   */
  public Differentiable<T> differentiable(ModelTrace<T> traced, ModelTrace.Tokens tokens) {
    traced.trace().takesGradients();
    return switch (depth.remat()) {
      case NONE -> Differentiable.keepingAll(traced, forward(traced, tokens));
      case LAYER -> keepingInputs(traced, tokens);
    };
  }

  private Differentiable<T> keepingInputs(ModelTrace<T> traced, ModelTrace.Tokens tokens) {
    Ops model = traced.trace().ops().withSubScope("model");
    Operand<T> embedded_BTD = embedded(model, traced.weights(), tokens.ids_BT());
    Operand<T> bottom_MD = flat(model, embedded_BTD);
    LayerStack.Kept<T> kept =
        segments(traced.parameters())
            .keepingInputs(model, traced, tokens.places(), model.stopGradient(bottom_MD));
    Operand<T> top_MD = model.stopGradient(kept.y_MD());
    Hidden<T> hidden = normed(model, traced.weights(), embedded_BTD, List.of(top_MD));
    return Differentiable.inPieces(traced, bottom_MD, kept.backward(), top_MD, hidden);
  }

  /**
   * Runs the layers over a cache, each by itself.
   *
   * @param ids_BT tokens, [B, T], each in [0, V)
   * @param positions_BT where each token stands in its row, [B, T]; below 0 for padding, on either
   *     side
   * @param keyValues what the layers attend to
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if an op can't do what the config asks
   */
  public Hidden<T> forwardCached(
      Ops tf,
      Weights weights,
      Operand<TInt32> ids_BT,
      Operand<TInt32> positions_BT,
      KeyValues keyValues) {
    Ops model = tf.withSubScope("model");
    Operand<T> embedded_BTD = embedded(model, weights, ids_BT);
    List<Operand<T>> outputs_MD =
        layers(
            model,
            weights,
            LayerRange.of(config),
            context(model, positions_BT, keyValues, AttentionObserver.NONE),
            flat(model, embedded_BTD));
    return normed(model, weights, embedded_BTD, outputs_MD);
  }

  /**
   * Runs all layers over whole rows, each by itself however the weights are stored.
   *
   * @param observer sees what each attends by
   */
  void observe(ModelTrace<T> traced, ModelTrace.Tokens tokens, AttentionObserver observer) {
    Ops model = traced.trace().ops().withSubScope("model");
    Weights weights = weights(traced.parameters().ofEachLayer(model, traced.tensors()));
    layers(
        model,
        weights,
        LayerRange.of(config),
        context(
            model,
            tokens.places().positions_BT(),
            KeyValues.ofRows(tokens.places().mask(model)),
            observer),
        flat(model, embedded(model, weights, tokens.ids_BT())));
  }

  /**
   * Runs layers one after the other: the loop of every program, whether it holds all layers, one
   * period of them inside a loop of the graph, or those between two cuts.
   *
   * @param range which layers
   * @param x_MD what the first of them gets
   * @return each layer's output, [M, D]
   */
  List<Operand<T>> layers(
      Ops model,
      Weights weights,
      LayerRange range,
      Gemma2DecoderLayer.Context context,
      Operand<T> x_MD) {
    List<Operand<T>> outputs = new ArrayList<>();
    Operand<T> x = x_MD;
    for (int layer = range.first(); layer < range.end(); layer++) {
      x = layer(layer).apply(model, weights, context, x);
      outputs.add(x);
    }
    return outputs;
  }

  private Operand<T> embedded(Ops model, Weights weights, Operand<TInt32> ids_BT) {
    return embedding(weights)
        .lookup(model.withSubScope("embed_tokens"), ids_BT, config.embeddingScale());
  }

  private Hidden<T> normed(
      Ops model, Weights weights, Operand<T> embedded_BTD, List<Operand<T>> outputs_MD) {
    Operand<T> normed_MD =
        RmsNorm.apply(
            model.withSubScope("norm"),
            outputs_MD.getLast(),
            weights.get(WeightSpec.FINAL_NORM),
            (float) config.rmsNormEps());
    Shape rows = embedded_BTD.shape();
    return new Hidden<>(
        embedded_BTD,
        outputs_MD.stream().map(x_MD -> rows(model, x_MD, rows)).toList(),
        rows(model, normed_MD, rows));
  }

  /** What the layers share of whole rows. */
  Gemma2DecoderLayer.Context context(Ops model, Places places) {
    return context(
        model, places.positions_BT(), KeyValues.ofRows(places.mask(model)), AttentionObserver.NONE);
  }

  private Gemma2DecoderLayer.Context context(
      Ops model, Operand<TInt32> positions_BT, KeyValues keyValues, AttentionObserver observer) {
    return new Gemma2DecoderLayer.Context(
        positions_BT.shape().get(0),
        positions_BT.shape().get(1),
        rotary(model.withSubScope("rotary_emb"), positions_BT),
        keyValues,
        observer);
  }

  /** A table for each rotary embedding that layers have. */
  private Map<Rope, RotaryEmbedding> rotary(Ops tf, Operand<TInt32> positions_BT) {
    Map<Rope, RotaryEmbedding> tables = new HashMap<>();
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      tables.computeIfAbsent(
          config.rope(layer), rope -> RotaryEmbedding.of(tf, positions_BT, config.headDim(), rope));
    }
    return tables;
  }

  private LayerSegments<T> segments(Parameters parameters) {
    return new LayerSegments<>(parameters.segments().stream().map(this::stack).toList());
  }

  private LayerStack<T> stack(LayerRange layers) {
    return switch (depth.layers()) {
      case UNROLLED -> new UnrolledLayers<>(this, layers);
      case SCANNED -> new ScannedLayers<>(this, layers, LayerPeriod.of(config, layers));
    };
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

  Gemma2DecoderLayer<T> layer(int layer) {
    return new Gemma2DecoderLayer<>(
        config, layer, choice.attention(), choice.resolve(config.attention(layer)));
  }

  private TiedEmbedding<T> embedding(Weights weights) {
    return new TiedEmbedding<>(weights.matrix(WeightSpec.EMBEDDING), type);
  }

  private Operand<T> flat(Ops tf, Operand<T> x_BTD) {
    return tf.reshape(x_BTD, tf.constant(new long[] {-1, config.hiddenSize()}));
  }

  private Operand<T> rows(Ops tf, Operand<T> x_MD, Shape shape_BTD) {
    return tf.reshape(x_MD, tf.constant(shape_BTD.asArray()));
  }
}
