package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.Precision;
import java.util.List;

/**
 * A model as it is to run: what every experiment makes its {@link Gemma2Model} of. How a checkpoint
 * is run whose config is still to be read is {@link io.gemlab.graph.generate.LoadOptions}.
 *
 * @param name what reports call it
 * @param config its architecture
 * @param ops which implementation of each switchable op
 * @param precision the type computed in
 * @param depth how programs over whole rows go through the layers
 * @param quantization how its matrices are stored
 */
public record ModelSpec(
    String name,
    Gemma2Config config,
    OpChoice ops,
    Precision precision,
    Depth depth,
    Quantization quantization) {
  private static final String MODEL = "model";
  private static final String CONFIG = "config";
  private static final String ATTENTION = "attention";
  private static final String ALLOW_DEVIATION = "allow_deviation";
  private static final String DTYPE = "dtype";
  private static final String QUANTIZE = "quantize";
  private static final String LAYERS = "layers";
  private static final String REMAT = "remat";

  /** A model of unrolled layers whose weights are floats. */
  public ModelSpec(String name, Gemma2Config config, OpChoice ops, Precision precision) {
    this(name, config, ops, precision, Depth.PLAIN, Quantization.NONE);
  }

  public ModelSpec withConfig(Gemma2Config other) {
    return new ModelSpec(name, other, ops, precision, depth, quantization);
  }

  public ModelSpec withOps(OpChoice other) {
    return new ModelSpec(name, config, other, precision, depth, quantization);
  }

  public ModelSpec withPrecision(Precision other) {
    return new ModelSpec(name, config, ops, other, depth, quantization);
  }

  public ModelSpec withDepth(Depth other) {
    return new ModelSpec(name, config, ops, precision, other, quantization);
  }

  public ModelSpec withQuantization(Quantization other) {
    return new ModelSpec(name, config, ops, precision, depth, other);
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if it is no such model
   */
  public static ModelSpec of(Fields fields) {
    return new ModelSpec(
        fields.text(MODEL),
        ConfigJson.read(fields.object(CONFIG), fields.where()),
        new OpChoice(Choices.attention(fields.text(ATTENTION)), fields.flag(ALLOW_DEVIATION)),
        Choices.precision(fields.text(DTYPE)),
        new Depth(Choices.layers(fields.text(LAYERS)), Choices.remat(fields.text(REMAT))),
        Choices.named(
            QUANTIZE, fields.text(QUANTIZE), List.of(Quantization.values()), Quantization::label));
  }

  /** All of it, for a record and for another process; a block size of attention is not told. */
  public ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put(MODEL, name);
    json.put(ATTENTION, ops.attention().label());
    json.put(ALLOW_DEVIATION, ops.allowDeviation());
    json.put(DTYPE, precision.label());
    json.put(QUANTIZE, quantization.label());
    json.put(LAYERS, depth.layers().label());
    json.put(REMAT, depth.remat().label());
    json.set(CONFIG, ConfigJson.write(config));
    return json;
  }

  /** The numbers it computes with, and how its matrices are stored, in a few words. */
  public String type() {
    return quantization == Quantization.NONE
        ? precision.label()
        : quantization.label() + " weights, " + precision.label();
  }

  /** The model itself. */
  public Gemma2Model<?> model() {
    return new Gemma2Model<>(config, ops, precision.type(), depth, quantization);
  }
}
