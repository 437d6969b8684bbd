package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/**
 * Conversations as documents to train on, of which the model's turns are scored.
 *
 * <p>What follows the model's last turn is left out. A conversation that is longer than a row is
 * cut behind the last of the model's turns that fits; one whose first turn doesn't fit is left out.
 *
 * @param documents a conversation each
 * @param truncated conversations that lost turns of the model
 * @param leftOut conversations of which not one turn fits a row
 */
public record ChatDocuments(TokenDocuments documents, long truncated, long leftOut) {
  /**
   * Encodes conversations.
   *
   * @param template makes tokens of them
   * @param length the tokens of a row
   * @throws InvalidInput if the file can't be read, the template refuses a conversation, the model
   *     says nothing in one, or none fits a row
   */
  public static ChatDocuments of(ChatFile file, ChatTemplate template, int length) {
    IntList tokens = new IntList();
    BitSet scored = new BitSet();
    LongStream.Builder bounds = LongStream.builder().add(0);
    AtomicLong truncated = new AtomicLong();
    AtomicLong leftOut = new AtomicLong();
    file.forEach(
        (messages, line) -> {
          ScoredConversation whole = conversation(file, template, messages, line);
          Optional<ScoredConversation> cut = whole.cutTo(length);
          if (cut.isEmpty()) {
            leftOut.incrementAndGet();
            return;
          }
          ScoredConversation kept = cut.get();
          if (kept.turnEnds().length < whole.turnEnds().length) truncated.incrementAndGet();
          int start = tokens.size();
          kept.scored().stream().forEach(i -> scored.set(start + i));
          tokens.addAll(kept.ids());
          bounds.add(tokens.size());
        });
    if (tokens.size() == 0) {
      throw new InvalidInput(
          leftOut.get() == 0
              ? file.file() + " has no conversation; give a line for each"
              : "%s: of %d conversations none has a first answer that ends within %d tokens; give a larger length"
                  .formatted(file.file(), leftOut.get(), length));
    }
    return new ChatDocuments(
        new TokenDocuments(
            TokenIds.of(tokens.toArray()), bounds.build().toArray(), Optional.of(scored)),
        truncated.get(),
        leftOut.get());
  }

  private static ScoredConversation conversation(
      ChatFile file, ChatTemplate template, List<ChatMessage> messages, long line) {
    int last = messages.size();
    while (last > 0 && messages.get(last - 1).role() != ChatMessage.Role.MODEL) last--;
    if (last == 0) {
      throw file.refused(line, " has no message of the model: there is nothing to learn from it");
    }
    try {
      return template.conversation(messages.subList(0, last));
    } catch (InvalidInput e) {
      throw file.refused(line, ": " + e.getMessage());
    }
  }
}
