package io.gemlab.graph.generate;

import io.gemlab.graph.InvalidInput;
import io.gemlab.graph.text.ChatTemplate;
import io.gemlab.graph.text.Tokenizer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Prompts to tokens, and which tokens end the answer: the checkpoint's end tokens, and after a chat
 * also the end of a turn.
 *
 * @param checkpoint the folder, for messages
 * @param tokenizer the checkpoint's, if it has one
 * @param eos tokens that end any answer
 */
record PromptReader(Path checkpoint, Optional<Tokenizer> tokenizer, Set<Integer> eos) {
  /**
   * @throws InvalidInput if it needs a tokenizer that the checkpoint has not, or a conversation's
   *     roles don't alternate
   */
  int[] tokens(Prompt prompt) {
    return switch (prompt) {
      case Prompt.Text text -> required().encodePrompt(text.text());
      case Prompt.Chat chat -> new ChatTemplate(required()).prompt(chat.messages());
      case Prompt.Ids ids -> ids.ids().stream().mapToInt(Integer::intValue).toArray();
    };
  }

  Set<Integer> stopIds(Prompt prompt) {
    if (!(prompt instanceof Prompt.Chat)) return eos;
    Set<Integer> ids = new HashSet<>(eos);
    ids.add(new ChatTemplate(required()).endOfTurn());
    return ids;
  }

  /** The tokenizer, of a checkpoint that must have one. */
  Tokenizer required() {
    return tokenizer.orElseThrow(
        () ->
            new InvalidInput(
                checkpoint
                    + " has no tokenizer: copy the model's tokenizer.json or tokenizer.model there,"
                    + " or give token ids"));
  }
}
