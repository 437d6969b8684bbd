package io.gemlab.experiments.serve.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.experiments.serve.batch.CompletionRequest;
import io.gemlab.graph.generate.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Reads what {@code /v1/completions} is asked for. */
final class CompletionBody {
  /** OpenAI's default. */
  private static final int MAX_TOKENS = 16;

  private static final String PROMPT = "prompt";

  private CompletionBody() {}

  /**
   * @param model what the model is called here
   * @throws ApiError if it can't be done
   */
  static Asked read(Parameters body, String model) {
    CommonParameters common = CommonParameters.read(body, model);
    OptionalInt maxTokens = CommonParameters.maxTokens(body, "max_tokens", 0);
    boolean echo = body.flag("echo");
    boolean logProbabilities = body.integer("logprobs", 0, 1).isPresent();
    List<Prompt> prompts =
        prompts(
            body.get(PROMPT)
                .orElseThrow(() -> ApiError.invalid(PROMPT, "prompt is missing; give a text")));
    body.requireAllRead();
    if (common.stream() && (prompts.size() > 1 || echo || logProbabilities)) {
      String what = prompts.size() > 1 ? PROMPT : echo ? "echo" : "logprobs";
      throw ApiError.invalid(
          "stream",
          "a stream is of one prompt, without echo and logprobs; leave %s out".formatted(what));
    }
    if (common.stream() && maxTokens.orElse(1) == 0) {
      throw ApiError.invalid("max_tokens", "max_tokens is 0 with stream; give 1 or more");
    }
    return new Asked(
        new CompletionRequest(
            prompts,
            common.choices(),
            OptionalInt.of(maxTokens.orElse(MAX_TOKENS)),
            common.sampling(),
            common.stop(),
            common.ignoreEos(),
            logProbabilities,
            echo),
        common.stream(),
        common.usage());
  }

  /** A text, texts, tokens, or lists of tokens. */
  private static List<Prompt> prompts(JsonNode value) {
    if (value.isTextual()) return List.of(Prompt.text(value.textValue()));
    if (!value.isArray() || value.isEmpty()) throw wrong(value);
    if (value.get(0).isNumber()) return List.of(ids(value));
    List<Prompt> prompts = new ArrayList<>();
    for (JsonNode one : value) {
      prompts.add(one.isTextual() ? Prompt.text(one.textValue()) : ids(one));
    }
    return prompts;
  }

  private static Prompt ids(JsonNode list) {
    if (!list.isArray()) throw wrong(list);
    int[] ids = new int[list.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = list.get(i);
      if (!id.isIntegralNumber() || !id.canConvertToInt()) throw wrong(id);
      ids[i] = id.intValue();
    }
    return Prompt.ids(ids);
  }

  private static ApiError wrong(JsonNode value) {
    return Parameters.wrong(
        PROMPT, value, "a string, a list of strings, of token ids, or of lists of token ids");
  }
}
