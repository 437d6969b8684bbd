package io.gemlab.graph.base.text;

import static io.gemlab.graph.base.input.InvalidInput.shown;

import io.gemlab.graph.base.input.InvalidInput;

/**
 * One turn of a conversation.
 *
 * @param role who speaks
 * @param content what is said; never read as control tokens
 */
public record ChatMessage(Role role, String content) {
  /** Who speaks in a turn. */
  public enum Role {
    /** What the model is told before the conversation; many templates refuse it. */
    SYSTEM("system", "system"),
    USER("user", "user"),
    MODEL("model", "assistant");

    private final String gemmas;
    private final String common;

    Role(String gemmas, String common) {
      this.gemmas = gemmas;
      this.common = common;
    }

    /** As Gemma spells it. */
    String spelling() {
      return gemmas;
    }

    /** As the messages that a chat template is given spell it. */
    String commonSpelling() {
      return common;
    }

    /**
     * The role that chat messages in JSON call {@code name}.
     *
     * @param name system, user, or model, which others call assistant
     * @throws InvalidInput if it is another
     */
    public static Role of(String name) {
      return switch (name) {
        case "user" -> USER;
        case "model", "assistant" -> MODEL;
        case "system" -> SYSTEM;
        default ->
            throw new InvalidInput(
                "No role is called " + shown(name) + ": use system, user, and model or assistant");
      };
    }
  }

  public static ChatMessage system(String content) {
    return new ChatMessage(Role.SYSTEM, content);
  }

  public static ChatMessage user(String content) {
    return new ChatMessage(Role.USER, content);
  }

  public static ChatMessage model(String content) {
    return new ChatMessage(Role.MODEL, content);
  }
}
