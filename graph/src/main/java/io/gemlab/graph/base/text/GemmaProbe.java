package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.Arrays;
import java.util.List;

/** Tells by its prompts whether a template is Gemma's. */
final class GemmaProbe {
  private static final List<List<ChatMessage>> CONVERSATIONS =
      List.of(
          List.of(ChatMessage.user("Hi")),
          List.of(ChatMessage.user(" \n a  b\t\n")),
          List.of(
              ChatMessage.user("{{ 1 }} false"), ChatMessage.model(" b\n"), ChatMessage.user("c")),
          List.of(
              ChatMessage.user("a"),
              ChatMessage.model("b"),
              ChatMessage.user("c"),
              ChatMessage.model("false"),
              ChatMessage.user("e")));

  /** Conversations that Gemma's template refuses. */
  private static final List<List<ChatMessage>> REFUSED =
      List.of(
          List.of(ChatMessage.system("a"), ChatMessage.user("b")),
          List.of(ChatMessage.user("a"), ChatMessage.user("b"), ChatMessage.user("c")));

  private GemmaProbe() {}

  static boolean gives(ChatTemplate template, Tokenizer tokenizer) {
    try {
      ChatTemplate gemma = new GemmaChatTemplate(tokenizer);
      return CONVERSATIONS.stream()
              .allMatch(probe -> Arrays.equals(gemma.prompt(probe), template.prompt(probe)))
          && REFUSED.stream().allMatch(probe -> refuses(template, probe));
    } catch (InvalidInput e) {
      return false;
    }
  }

  private static boolean refuses(ChatTemplate template, List<ChatMessage> conversation) {
    try {
      template.prompt(conversation);
      return false;
    } catch (InvalidInput e) {
      return true;
    }
  }
}
