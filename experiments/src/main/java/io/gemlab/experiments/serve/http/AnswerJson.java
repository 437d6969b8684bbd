package io.gemlab.experiments.serve.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.serve.batch.CompletionAnswer;
import io.gemlab.experiments.serve.batch.TokenReport;
import io.gemlab.graph.decode.FinishReason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * Answers as OpenAI writes them.
 *
 * @param route whose
 * @param id of the answer
 * @param created in seconds since 1970
 * @param model what clients call it
 */
record AnswerJson(Route route, String id, long created, String model) {
  /** How a route writes answers. */
  enum Route {
    COMPLETIONS("cmpl-", "text_completion", "text_completion"),
    CHAT("chatcmpl-", "chat.completion", "chat.completion.chunk");

    private final String prefix;
    private final String whole;
    private final String chunk;

    Route(String prefix, String whole, String chunk) {
      this.prefix = prefix;
      this.whole = whole;
      this.chunk = chunk;
    }
  }

  static AnswerJson of(Route route, String model) {
    String id = route.prefix + Long.toHexString(UUID.randomUUID().getMostSignificantBits());
    return new AnswerJson(route, id, System.currentTimeMillis() / 1000, model);
  }

  /** All answers at once. */
  ObjectNode whole(List<CompletionAnswer> answers, int promptTokens) {
    ObjectNode json = head(route.whole);
    ArrayNode choices = json.putArray("choices");
    for (CompletionAnswer answer : answers) {
      ObjectNode choice = choices.addObject().put("index", choices.size() - 1);
      switch (route) {
        case COMPLETIONS -> {
          choice.put("text", answer.text());
          choice.set("logprobs", logProbabilities(answer.tokens()));
        }
        case CHAT -> {
          choice
              .putObject("message")
              .put("role", "assistant")
              .put("content", answer.text())
              .putNull("refusal");
          choice.set("logprobs", chatLogProbabilities(answer.tokens()));
        }
      }
      choice.put("finish_reason", finish(answer.finish()));
    }
    json.set(
        "usage", usage(promptTokens, answers.stream().mapToInt(CompletionAnswer::newTokens).sum()));
    return json;
  }

  /** What a stream begins with. */
  ObjectNode first() {
    return chunk("", null, true);
  }

  /** A piece of an answer. */
  ObjectNode piece(String text) {
    return chunk(text, null, false);
  }

  /** The end of an answer. */
  ObjectNode last(FinishReason finish) {
    return chunk("", finish(finish), false);
  }

  /** What a stream tells of its tokens when it has ended. */
  ObjectNode usageChunk(int promptTokens, int newTokens) {
    ObjectNode json = head(route.chunk);
    json.putArray("choices");
    json.set("usage", usage(promptTokens, newTokens));
    return json;
  }

  private ObjectNode chunk(String text, String finish, boolean first) {
    ObjectNode json = head(route.chunk);
    ObjectNode choice = json.putArray("choices").addObject().put("index", 0);
    switch (route) {
      case COMPLETIONS -> choice.put("text", text);
      case CHAT -> {
        ObjectNode delta = choice.putObject("delta");
        if (first) delta.put("role", "assistant");
        if (finish == null) delta.put("content", text);
      }
    }
    choice.putNull("logprobs");
    choice.put("finish_reason", finish);
    return json;
  }

  private ObjectNode head(String object) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", id)
        .put("object", object)
        .put("created", created)
        .put("model", model);
  }

  private static ObjectNode usage(int promptTokens, int newTokens) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("prompt_tokens", promptTokens)
        .put("completion_tokens", newTokens)
        .put("total_tokens", promptTokens + newTokens);
  }

  private static String finish(FinishReason reason) {
    return switch (reason) {
      case STOP_TOKEN, STOP_STRING -> "stop";
      case LENGTH, CONTEXT -> "length";
      case CANCELLED -> throw ApiError.fault(503, "the server is stopping");
    };
  }

  private static ObjectNode logProbabilities(List<TokenReport> tokens) {
    if (tokens.isEmpty()) return null;
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode names = json.putArray("tokens");
    ArrayNode logProbabilities = json.putArray("token_logprobs");
    ArrayNode top = json.putArray("top_logprobs");
    ArrayNode offsets = json.putArray("text_offset");
    for (TokenReport token : tokens) {
      names.add(token.token());
      offsets.add(token.offset());
      if (token.scored().isEmpty()) {
        logProbabilities.addNull();
        top.addNull();
        continue;
      }
      TokenReport.Scored scored = token.scored().get();
      logProbabilities.add(scored.logProbability());
      // The likeliest last: where two tokens are spelled alike, its probability stays.
      top.addObject()
          .put(token.token(), scored.logProbability())
          .put(scored.likeliest(), scored.likeliestLogProbability());
    }
    return json;
  }

  private static ObjectNode chatLogProbabilities(List<TokenReport> tokens) {
    if (tokens.isEmpty()) return null;
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode content = json.putArray("content");
    for (TokenReport token : tokens) {
      TokenReport.Scored scored = token.scored().orElseThrow();
      ObjectNode one = content.addObject();
      put(one, token.token(), scored.logProbability());
      put(
          one.putArray("top_logprobs").addObject(),
          scored.likeliest(),
          scored.likeliestLogProbability());
    }
    return json;
  }

  private static void put(ObjectNode into, String token, float logProbability) {
    into.put("token", token).put("logprob", logProbability);
    ArrayNode bytes = into.putArray("bytes");
    for (byte one : token.getBytes(StandardCharsets.UTF_8)) bytes.add(one & 0xff);
  }
}
