package io.gemlab.graph.gemma2.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.ops.position.Rope;

/**
 * The keys of rotary embeddings. Read are {@code rope_parameters}, of all layers or of each type,
 * as transformers 5 writes it, and {@code rope_theta}, {@code rope_local_base_freq} and {@code
 * rope_scaling} of the versions before; written are the latter, which all versions read.
 */
final class RopeJson {
  static final String THETA = "rope_theta";
  static final String LOCAL_THETA = "rope_local_base_freq";
  static final String SCALING = "rope_scaling";
  static final String PARAMETERS = "rope_parameters";

  private static final String TYPE = "rope_type";
  private static final String FACTOR = "factor";
  private static final String LINEAR = "linear";

  private RopeJson() {}

  /**
   * Reads them.
   *
   * @param ofEachType whether sliding and global layers must each have a base; else one that stands
   *     alone is that of all layers
   */
  static LayerRopes read(ConfigFields fields, boolean ofEachType) {
    if (!fields.has(PARAMETERS)) return separate(fields, ofEachType);
    LayerRopes ropes = together(fields.object(PARAMETERS), ofEachType);
    requireSame(fields, THETA, ropes.full());
    requireSame(fields, LOCAL_THETA, ropes.sliding());
    if (fields.has(SCALING) && factor(fields.object(SCALING)) != ropes.full().factor()) {
      throw fields.invalid(SCALING, PARAMETERS + " says otherwise; leave out one of them");
    }
    return ropes;
  }

  /**
   * Writes them.
   *
   * @param ofEachType whether to write a base for each type of layer where it is the same one
   */
  static void put(ObjectNode json, LayerRopes ropes, boolean ofEachType) {
    json.put(THETA, ropes.full().theta());
    if (ofEachType || !ropes.areTheSame()) json.put(LOCAL_THETA, ropes.sliding().theta());
    if (ropes.full().factor() != 1) {
      json.putObject(SCALING).put(TYPE, LINEAR).put(FACTOR, ropes.full().factor());
    }
  }

  private static LayerRopes separate(ConfigFields fields, boolean ofEachType) {
    double theta = positive(fields, THETA);
    double factor = fields.has(SCALING) ? factor(fields.object(SCALING)) : 1;
    if (!ofEachType && !fields.has(LOCAL_THETA)) {
      if (factor != 1) {
        throw fields.invalid(
            SCALING,
            "only the rotary embedding of global layers can be scaled; give "
                + LOCAL_THETA
                + " for the others");
      }
      return LayerRopes.same(Rope.of(theta));
    }
    return new LayerRopes(Rope.of(positive(fields, LOCAL_THETA)), new Rope(theta, factor));
  }

  private static LayerRopes together(ConfigFields parameters, boolean ofEachType) {
    String sliding = LayerType.SLIDING_ATTENTION.label();
    String full = LayerType.FULL_ATTENTION.label();
    if (!ofEachType && !parameters.has(sliding) && !parameters.has(full)) {
      return LayerRopes.same(rope(parameters));
    }
    return new LayerRopes(rope(parameters.object(sliding)), rope(parameters.object(full)));
  }

  private static Rope rope(ConfigFields parameters) {
    if (!parameters.has(THETA) || !parameters.get(THETA).isNumber()) {
      throw parameters.invalid(THETA, "give a number, 10000 in Gemma 2");
    }
    return new Rope(positive(parameters, THETA), factor(parameters));
  }

  /** What positions are divided by. */
  private static double factor(ConfigFields rope) {
    rope.refuse(
        "partial_rotary_factor",
        value -> value.asDouble() != 1,
        "only whole heads are turned; leave it out");
    // Older versions call the key "type".
    String key = rope.has(TYPE) ? TYPE : "type";
    String type = rope.has(key) ? rope.get(key).asText() : "default";
    return switch (type) {
      case "default" -> {
        rope.refuse(FACTOR, value -> value.asDouble() != 1, "give rope_type linear with it");
        yield 1;
      }
      case LINEAR -> positive(rope, FACTOR);
      default -> throw rope.invalid(key, "give default, or linear with a factor");
    };
  }

  private static double positive(ConfigFields fields, String key) {
    double value = fields.number(key);
    if (!(value > 0) || Double.isInfinite(value)) {
      throw fields.invalid(key, "give a finite number above 0");
    }
    return value;
  }

  private static void requireSame(ConfigFields fields, String key, Rope rope) {
    if (fields.has(key) && fields.number(key) != rope.theta()) {
      throw fields.invalid(key, "%s.%s says %s".formatted(PARAMETERS, THETA, rope.theta()));
    }
  }
}
