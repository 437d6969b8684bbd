package io.gemlab.graph.gemma2.config;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What Hugging Face calls the models that a config can be, and what it takes a key for that is left
 * out. Only reading and writing know it: what a model computes its switches say.
 */
enum ModelType {
  GEMMA2("Gemma2ForCausalLM"),
  /** QK-norm in place of the attention's cap, and a rotary base for each type of layer. */
  GEMMA3_TEXT("Gemma3ForCausalLM");

  private static final String KEY = "model_type";
  private static final String PATTERN = "sliding_window_pattern";

  private final String architecture;

  ModelType(String architecture) {
    this.architecture = architecture;
  }

  /** That of a file; Gemma 2 where it says none. */
  static ModelType read(ConfigFields fields) {
    if (!fields.has(KEY)) return GEMMA2;
    for (ModelType type : values()) {
      if (!type.label().equals(fields.get(KEY).asText())) continue;
      type.requireOwn(fields);
      return type;
    }
    throw fields.invalid(
        KEY,
        "only model_type %s are implemented"
            .formatted(
                Stream.of(values()).map(ModelType::label).collect(Collectors.joining(" and "))));
  }

  /** The one whose class computes what a config says; Gemma 2 for what none does. */
  static ModelType of(Gemma2Config config) {
    return config.qkNorm() && config.attnLogitSoftcapping().cap().isEmpty() ? GEMMA3_TEXT : GEMMA2;
  }

  /** The value of {@code model_type}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The class's name. */
  String architecture() {
    return architecture;
  }

  /** Whether it has QK-norm. */
  boolean qkNorm() {
    return this == GEMMA3_TEXT;
  }

  /** Whether each type of layer has a rotary base of its own, be it the same. */
  boolean ropeOfEachType() {
    return this == GEMMA3_TEXT;
  }

  /** Sliding layers before each global one, where no list of layers' types says it. */
  int slidingLayers(ConfigFields fields) {
    return switch (this) {
      case GEMMA2 -> 1;
      case GEMMA3_TEXT -> {
        int pattern = fields.has(PATTERN) ? fields.integer(PATTERN) : 6;
        if (pattern < 1) throw fields.invalid(PATTERN, "give a number above 0");
        yield pattern - 1;
      }
    };
  }

  private void requireOwn(ConfigFields fields) {
    if (this == GEMMA3_TEXT) {
      fields.refuse(
          "attn_logit_softcapping",
          _ -> true,
          "Hugging Face's Gemma 3 has no cap there and ignores it; write null");
    }
  }
}
