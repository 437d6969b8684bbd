package io.gemlab.graph.text;

import static io.gemlab.graph.InvalidInput.shown;

import io.gemlab.graph.InvalidInput;

/**
 * One turn of a conversation.
 *
 * @param role who speaks
 * @param content what is said; never read as control tokens
 */
public record ChatMessage(Role role, String content) {
  /** Who speaks in a turn, spelled as Gemma spells it. */
  public enum Role {
    USER("user"),
    MODEL("model");

    private final String spelling;

    Role(String spelling) {
      this.spelling = spelling;
    }

    String spelling() {
      return spelling;
    }

    /**
     * The role that chat messages in JSON call {@code name}.
     *
     * @param name user, or model, which others call assistant
     * @throws InvalidInput if it is another, such as system, which Gemma 2 has not
     */
    public static Role of(String name) {
      return switch (name) {
        case "user" -> USER;
        case "model", "assistant" -> MODEL;
        case "system" ->
            throw new InvalidInput(
                "Gemma 2 has no role \"system\": put its text in front of the first user message");
        default ->
            throw new InvalidInput(
                "No role is called " + shown(name) + ": use user, and model or assistant");
      };
    }
  }

  public static ChatMessage user(String content) {
    return new ChatMessage(Role.USER, content);
  }

  public static ChatMessage model(String content) {
    return new ChatMessage(Role.MODEL, content);
  }
}
