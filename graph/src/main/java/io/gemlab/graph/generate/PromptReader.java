package io.gemlab.graph.generate;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.ChatTemplate;
import io.gemlab.graph.base.text.Tokenizer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Prompts to tokens, and which tokens end the answer: the checkpoint's end tokens; after a chat
 * also the tokenizer's EOS and the token that the chat template writes behind an answer. Safe for
 * several threads.
 */
final class PromptReader {
  private final Path checkpoint;
  private final Optional<Tokenizer> tokenizer;
  private final Set<Integer> eos;
  private ChatTemplate chatTemplate;

  /**
   * @param checkpoint the folder
   * @param tokenizer the checkpoint's, if it has one
   * @param eos tokens that end any answer
   */
  PromptReader(Path checkpoint, Optional<Tokenizer> tokenizer, Set<Integer> eos) {
    this.checkpoint = checkpoint;
    this.tokenizer = tokenizer;
    this.eos = eos;
  }

  /**
   * @throws InvalidInput if it needs a tokenizer that the checkpoint has not, or a conversation
   *     that the chat template refuses
   */
  int[] tokens(Prompt prompt) {
    return switch (prompt) {
      case Prompt.Text text -> required().encodePrompt(text.text());
      case Prompt.Chat chat -> chatTemplate().prompt(chat.messages());
      case Prompt.Ids ids -> ids.ids().stream().mapToInt(Integer::intValue).toArray();
    };
  }

  Set<Integer> stopIds(Prompt prompt) {
    if (!(prompt instanceof Prompt.Chat)) return eos;
    Set<Integer> ids = new HashSet<>(eos);
    required().specialIds().eos().ifPresent(ids::add);
    chatTemplate().endOfTurn().ifPresent(ids::add);
    return ids;
  }

  /**
   * The checkpoint's chat template, opened when it is first asked for.
   *
   * @throws InvalidInput if it can't be read, or the checkpoint is a base model or has no tokenizer
   */
  synchronized ChatTemplate chatTemplate() {
    if (chatTemplate == null) chatTemplate = ChatTemplate.openToChat(checkpoint, required(), eos);
    return chatTemplate;
  }

  /** The tokenizer, if the checkpoint has one. */
  Optional<Tokenizer> tokenizer() {
    return tokenizer;
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
