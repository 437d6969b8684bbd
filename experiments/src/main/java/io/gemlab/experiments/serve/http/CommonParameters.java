package io.gemlab.experiments.serve.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.decode.Sampling;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What both routes take, with OpenAI's defaults.
 *
 * @param sampling how tokens are chosen; without a seed of the client's another each time
 * @param choices n
 * @param stop texts that end an answer
 * @param stream whether the answer comes piece by piece
 * @param usage whether its end tells how many tokens there were
 */
record CommonParameters(
    Sampling sampling,
    int choices,
    List<String> stop,
    boolean ignoreEos,
    boolean stream,
    boolean usage) {
  private static final int MOST_CHOICES = 16;
  private static final int MOST_STOPS = 16;

  /** What OpenAI takes and we don't, with what asks for nothing. */
  private static final Map<String, Set<String>> NOT_SERVED =
      Map.ofEntries(
          Map.entry("frequency_penalty", Set.of("0", "0.0")),
          Map.entry("presence_penalty", Set.of("0", "0.0")),
          Map.entry("logit_bias", Set.of("{}")),
          Map.entry("best_of", Set.of("1")),
          Map.entry("suffix", Set.of("\"\"")),
          Map.entry("response_format", Set.of("{\"type\":\"text\"}")),
          Map.entry("tools", Set.of("[]")),
          Map.entry("tool_choice", Set.of("\"none\"", "\"auto\"")),
          Map.entry("functions", Set.of("[]")),
          Map.entry("function_call", Set.of("\"none\"", "\"auto\"")),
          Map.entry("modalities", Set.of("[\"text\"]")),
          Map.entry("audio", Set.of()),
          Map.entry("prediction", Set.of()),
          Map.entry("reasoning_effort", Set.of("\"none\"")),
          Map.entry("web_search_options", Set.of()));

  /** What says nothing of the answer. */
  private static final String[] IGNORED = {
    "user",
    "metadata",
    "store",
    "service_tier",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "parallel_tool_calls"
  };

  /**
   * Reads them.
   *
   * @param model what the model is called here
   * @throws ApiError if one can't be
   */
  static CommonParameters read(Parameters body, String model) {
    requireModel(body, model);
    body.refuse(NOT_SERVED);
    body.ignore(IGNORED);
    boolean stream = body.flag("stream");
    boolean usage = includesUsage(body, stream);
    int choices = body.integer("n", 1, MOST_CHOICES).orElse(1);
    if (stream && choices > 1) {
      throw ApiError.invalid("n", "n is %d with stream; stream one answer".formatted(choices));
    }
    Sampling sampling =
        new Sampling(
            body.number("temperature").orElse(1.0),
            body.integer("top_k", 0, Integer.MAX_VALUE).orElse(0),
            body.number("top_p").orElse(1.0),
            body.whole("seed").orElseGet(() -> ThreadLocalRandom.current().nextLong()));
    return new CommonParameters(
        sampling, choices, body.texts("stop", MOST_STOPS), body.flag("ignore_eos"), stream, usage);
  }

  /** How many new tokens there may be; empty where nothing is said. */
  static OptionalInt maxTokens(Parameters body, String key, int least) {
    return body.integer(key, least, Integer.MAX_VALUE)
        .map(OptionalInt::of)
        .orElse(OptionalInt.empty());
  }

  private static void requireModel(Parameters body, String model) {
    String asked =
        body.text("model")
            .orElseThrow(
                () -> ApiError.invalid("model", "model is missing; give \"" + model + "\""));
    if (!asked.equals(model)) {
      throw ApiError.request(
          404,
          "model_not_found",
          "there is no model %s here; there is \"%s\"".formatted(InvalidInput.shown(asked), model));
    }
  }

  private static boolean includesUsage(Parameters body, boolean stream) {
    return body.get("stream_options")
        .map(
            options -> {
              if (!options.isObject()) {
                throw Parameters.wrong("stream_options", options, "an object");
              }
              if (!stream) {
                throw ApiError.invalid(
                    "stream_options", "stream_options means nothing without stream; leave it out");
              }
              JsonNode usage = options.path("include_usage");
              if (usage.isMissingNode() || usage.isBoolean()) return usage.asBoolean();
              throw Parameters.wrong("stream_options", options, "include_usage true or false");
            })
        .orElse(false);
  }
}
