package io.gemlab.experiments.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.graph.base.input.InvalidInput;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads {@code generation_kwargs}. */
final class GenerationReader {
  private static final int DEFAULT_TOKENS = 256;

  /**
   * Names that lm-evaluation-harness takes for the number of new tokens, the first before others.
   */
  private static final List<String> MOST_TOKENS =
      List.of("max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens");

  private static final List<String> OTHERS =
      List.of("until", "do_sample", "temperature", "top_k", "top_p");

  private GenerationReader() {}

  /**
   * @param own the section; empty where there is none
   * @param delimiter what ends an answer where nothing says so
   */
  static GenerationSpec read(Fields own, String delimiter) {
    if (own.node().isEmpty()) {
      return new GenerationSpec(List.of(delimiter), DEFAULT_TOKENS, 0, 0, 1);
    }
    own.only(Stream.concat(MOST_TOKENS.stream(), OTHERS.stream()).toList());
    double temperature = own.has("temperature") ? own.number("temperature") : 0;
    boolean draws = own.has("do_sample") ? own.flag("do_sample") : temperature > 0;
    if (draws && temperature == 0) {
      throw new InvalidInput(
          own.where() + ": do_sample is true and temperature 0; give a temperature above 0");
    }
    int tokens =
        MOST_TOKENS.stream().filter(own::has).findFirst().map(own::integer).orElse(DEFAULT_TOKENS);
    if (tokens <= 0) {
      throw new InvalidInput(
          "%s: the number of new tokens is %d; give one above 0".formatted(own.where(), tokens));
    }
    return new GenerationSpec(
        own.has("until") ? until(own) : List.of(delimiter),
        tokens,
        draws ? temperature : 0,
        own.has("top_k") ? own.integer("top_k") : 0,
        own.has("top_p") ? own.number("top_p") : 1);
  }

  private static List<String> until(Fields own) {
    JsonNode given = own.node().get("until");
    List<String> until = new ArrayList<>();
    for (JsonNode each : given.isArray() ? given : List.of(given)) {
      if (!each.isTextual()) {
        throw new InvalidInput("%s: until holds %s; give texts".formatted(own.where(), each));
      }
      if (!each.textValue().isEmpty()) until.add(each.textValue());
    }
    return until;
  }
}
