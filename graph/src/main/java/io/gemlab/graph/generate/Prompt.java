package io.gemlab.graph.generate;

import io.gemlab.graph.base.text.ChatMessage;
import java.util.Arrays;
import java.util.List;

/** What a model is to go on with. */
public sealed interface Prompt {

  /** A text. BOS is put in front, and special tokens spelled in it are parsed. */
  static Prompt text(String text) {
    return new Text(text);
  }

  /**
   * A conversation, of which the model says what comes next; what is said can't become a control
   * token.
   */
  static Prompt chat(List<ChatMessage> messages) {
    return new Chat(messages);
  }

  /** Tokens as they are. */
  static Prompt ids(int... ids) {
    return new Ids(Arrays.stream(ids).boxed().toList());
  }

  record Text(String text) implements Prompt {}

  record Chat(List<ChatMessage> messages) implements Prompt {
    public Chat {
      messages = List.copyOf(messages);
    }
  }

  record Ids(List<Integer> ids) implements Prompt {
    public Ids {
      ids = List.copyOf(ids);
    }
  }
}
