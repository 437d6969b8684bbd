package io.gemlab.experiments.serve.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.experiments.serve.batch.CompletionRequest;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.ChatMessage;
import io.gemlab.graph.generate.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** Reads what {@code /v1/chat/completions} is asked for. */
final class ChatBody {
  private static final String MESSAGES = "messages";
  private static final Set<String> MESSAGE_KEYS = Set.of("role", "content", "name");

  private ChatBody() {}

  /**
   * @param model what the model is called here
   * @throws ApiError if it can't be done
   */
  static Asked read(Parameters body, String model) {
    CommonParameters common = CommonParameters.read(body, model);
    OptionalInt older = CommonParameters.maxTokens(body, "max_tokens", 1);
    OptionalInt maxTokens = CommonParameters.maxTokens(body, "max_completion_tokens", 1);
    boolean logProbabilities = body.flag("logprobs");
    boolean likeliest = body.integer("top_logprobs", 0, 1).isPresent();
    if (likeliest && !logProbabilities) {
      throw ApiError.invalid("top_logprobs", "top_logprobs means nothing without logprobs");
    }
    if (common.stream() && logProbabilities) {
      throw ApiError.invalid("logprobs", "logprobs is not served with stream; leave one out");
    }
    List<ChatMessage> messages =
        messages(
            body.get(MESSAGES)
                .orElseThrow(
                    () -> ApiError.invalid(MESSAGES, "messages is missing; give at least one")));
    body.requireAllRead();
    return new Asked(
        new CompletionRequest(
            List.of(Prompt.chat(messages)),
            common.choices(),
            maxTokens.isPresent() ? maxTokens : older,
            common.sampling(),
            common.stop(),
            common.ignoreEos(),
            logProbabilities,
            false),
        common.stream(),
        common.usage());
  }

  private static List<ChatMessage> messages(JsonNode list) {
    if (!list.isArray() || list.isEmpty()) {
      throw Parameters.wrong(MESSAGES, list, "a list of one message or more");
    }
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode one : list) messages.add(message(one));
    return messages;
  }

  private static ChatMessage message(JsonNode message) {
    if (!message.isObject()) {
      throw Parameters.wrong(MESSAGES, message, "objects with a role and a content");
    }
    message
        .properties()
        .forEach(
            property -> {
              if (MESSAGE_KEYS.contains(property.getKey()) || isNothing(property.getValue()))
                return;
              throw ApiError.invalid(
                  MESSAGES,
                  "a message has %s, which is not served; leave it out"
                      .formatted(InvalidInput.shown(property.getKey())));
            });
    String role = Parameters.requireText("role", message.path("role"));
    return new ChatMessage(
        ChatMessage.Role.of(role.equals("developer") ? "system" : role),
        content(message.path("content")));
  }

  private static boolean isNothing(JsonNode value) {
    return value.isNull() || value.isArray() && value.isEmpty();
  }

  /** A text, or parts that are texts. */
  private static String content(JsonNode content) {
    if (content.isTextual()) return content.textValue();
    if (!content.isArray()) {
      throw Parameters.wrong("content", content, "a string, or a list of parts of type text");
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      if (!part.path("type").asText().equals("text")) {
        throw Parameters.wrong("content", part, "parts of type text: the model reads nothing else");
      }
      text.append(Parameters.requireText("text", part.path("text")));
    }
    return text.toString();
  }
}
