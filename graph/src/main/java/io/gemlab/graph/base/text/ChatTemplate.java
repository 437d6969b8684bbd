package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Makes a prompt of a conversation, as the model was trained on. */
public sealed interface ChatTemplate permits GemmaChatTemplate, JinjaChatTemplate {

  /**
   * The template of a checkpoint's folder, as {@link ChatTemplateFile} finds it; Gemma's where the
   * folder has none. One that gives Gemma's prompts is Gemma's, however it is written.
   *
   * @param tokenizer the checkpoint's
   * @throws InvalidInput if the template can't be read, or there is none and the tokenizer lacks
   *     Gemma's turns
   */
  static ChatTemplate openIn(Path folder, Tokenizer tokenizer) {
    Optional<ChatTemplateFile> file = ChatTemplateFile.in(folder);
    if (file.isEmpty()) return new GemmaChatTemplate(tokenizer);
    JinjaChatTemplate template = new JinjaChatTemplate(file.get(), tokenizer);
    return GemmaProbe.gives(template, tokenizer) ? new GemmaChatTemplate(tokenizer) : template;
  }

  /**
   * The template of a checkpoint's folder, as {@link #openIn}, of a checkpoint that can chat: one
   * whose {@code tokenizer_config.json} has no template was published without one, and was taught
   * Gemma's turns since then only if it ends its own.
   *
   * @param ends the tokens that end an answer
   * @throws InvalidInput as {@link #openIn}, and if the checkpoint is such a base model
   */
  static ChatTemplate openToChat(Path folder, Tokenizer tokenizer, Set<Integer> ends) {
    ChatTemplate template = openIn(folder, tokenizer);
    if (isIn(folder) || !Files.exists(folder.resolve(ChatTemplateFile.CONFIG))) return template;
    int end = template.endOfTurn().orElseThrow();
    if (ends.contains(end)) return template;
    throw new InvalidInput(
        "%s is a base model, which knows no turns: %s has no chat_template, and eos_token_id lacks %d, %s; generate without --chat, or put the template that it was trained with into %s"
            .formatted(
                folder,
                ChatTemplateFile.CONFIG,
                end,
                tokenizer.piece(end),
                ChatTemplateFile.JINJA));
  }

  /**
   * Whether a checkpoint's folder has a template of its own.
   *
   * @throws InvalidInput if what says so can't be read
   */
  static boolean isIn(Path folder) {
    return ChatTemplateFile.in(folder).isPresent();
  }

  /** What it is called in messages. */
  String name();

  /**
   * A conversation that the model is to go on with: it ends where the model's answer begins ({@code
   * add_generation_prompt} in Hugging Face's words). What is said can't become a control token.
   *
   * @throws InvalidInput if the template refuses the conversation, such as for its roles
   */
  int[] prompt(List<ChatMessage> messages);

  /**
   * A conversation to train on. Each of the model's turns is encoded apart from the prompt that it
   * answers, as it is when the model generates it, so no token spans the border between them.
   *
   * @param messages the last of them the model's
   * @throws InvalidInput if the template refuses the conversation, or its prompts are not the
   *     beginnings of what it makes of whole conversations, or it writes no token that ends a turn
   */
  ScoredConversation conversation(List<ChatMessage> messages);

  /** The token that ends an answer, beside EOS, if the template writes one behind it. */
  OptionalInt endOfTurn();
}
