package io.gemlab.graph.base.text;

import static io.gemlab.graph.base.input.InvalidInput.shown;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.input.InvalidInput;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Conversations to train on: a file with a line {@code {"messages": [{"role": ..., "content": ...},
 * ...]}} for each. Other keys are not read.
 *
 * @param file in UTF-8
 */
public record ChatFile(Path file) {
  private static final String MESSAGES = "messages";

  /** Receives a conversation and the number of its line, counted from 1. */
  public interface Action {
    void accept(List<ChatMessage> messages, long line);
  }

  /**
   * Reads the conversations in the order of the file.
   *
   * @throws InvalidInput if the file can't be read, or a line is not of this form
   */
  public void forEach(Action action) {
    JsonLines.forEach(file, (line, number) -> action.accept(messages(line, number), number));
  }

  /**
   * Tells these conversations from others: SHA-256 over roles and contents, 64 hexadecimal digits.
   *
   * @throws InvalidInput as {@link #forEach}
   */
  public String sha256() {
    Sha256.Pieces pieces = new Sha256.Pieces();
    forEach(
        (messages, _) -> {
          for (ChatMessage message : messages) {
            add(pieces, message.role().spelling());
            add(pieces, message.content());
          }
          pieces.add(Corpus.NEVER_IN_UTF_8);
        });
    return pieces.hex();
  }

  private static void add(Sha256.Pieces pieces, String text) {
    pieces.add(text.getBytes(StandardCharsets.UTF_8));
    pieces.add(Corpus.NEVER_IN_UTF_8);
  }

  private List<ChatMessage> messages(JsonNode line, long number) {
    JsonNode list = line.path(MESSAGES);
    if (!list.isArray() || list.isEmpty()) {
      throw refused(
          number,
          " has no list of messages; write {\"messages\": [{\"role\": ..., \"content\": ...}]}, or name"
              + " the field of a text as FILE.jsonl:FIELD");
    }
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode message : list) {
      String where = ", message %d: ".formatted(messages.size() + 1);
      for (String key : List.of("role", "content")) {
        if (!message.path(key).isTextual()) {
          throw refused(
              number,
              "%s%s is %s; give a text"
                  .formatted(
                      where,
                      key,
                      message.has(key) ? shown(message.get(key).toString()) : "missing"));
        }
      }
      try {
        messages.add(
            new ChatMessage(
                ChatMessage.Role.of(message.get("role").textValue()),
                message.get("content").textValue()));
      } catch (InvalidInput e) {
        throw refused(number, where + e.getMessage());
      }
    }
    return messages;
  }

  /**
   * What to say of a line.
   *
   * @param problem with the space or the comma in front
   */
  InvalidInput refused(long number, String problem) {
    return new InvalidInput("%s, line %d%s".formatted(file, number, problem));
  }
}
