package io.gemlab.experiments.cli.option;

import io.gemlab.graph.base.text.ChatMessage;
import io.gemlab.graph.base.text.ChatTemplate;
import io.gemlab.graph.generate.Gemma2;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Flags of what stands before a conversation. */
public final class ChatOptions {
  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description =
          "What the model is told before the conversation, if its chat template has a place for it;"
              + " Gemma's has none.")
  private String system;

  public boolean isGiven() {
    return system != null;
  }

  /** What was said before the user's first message. */
  public List<ChatMessage> opening() {
    return system == null ? List.of() : List.of(ChatMessage.system(system));
  }

  /** The opening and a message of the user's. */
  public List<ChatMessage> conversation(String message) {
    List<ChatMessage> messages = new ArrayList<>(opening());
    messages.add(ChatMessage.user(message));
    return messages;
  }

  /**
   * Refuses what would be refused at the first message, and says so where the checkpoint has no
   * template of its own.
   */
  public void check(Gemma2 gemma, Path checkpoint, PrintWriter err) {
    gemma.chatTemplate().prompt(conversation("Hi"));
    if (!ChatTemplate.isIn(checkpoint)) {
      err.println(checkpoint + " has no chat template: Gemma's is used");
    }
  }
}
