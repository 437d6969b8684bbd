package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.ChatMessage.Role;
import io.gemlab.graph.base.text.jinja.PythonText;
import java.util.List;
import java.util.OptionalInt;

/**
 * Gemma 2's chat template: BOS, and then for each turn {@code <start_of_turn>}, the role, a
 * newline, what is said, {@code <end_of_turn>} and a newline. White space around what is said is
 * taken off, as Hugging Face's template does.
 *
 * <p>The control tokens are put in by id, and what the speakers say is encoded as content: a {@code
 * <end_of_turn>} in it ends nothing.
 */
public final class GemmaChatTemplate implements ChatTemplate {
  private static final String START_OF_TURN = "<start_of_turn>";
  private static final String END_OF_TURN = "<end_of_turn>";

  private final Tokenizer tokenizer;
  private final int bos;
  private final int startOfTurn;
  private final int endOfTurn;

  /**
   * @throws InvalidInput if {@code tokenizer} lacks BOS or the turn's markers, as a base model's
   *     other than Gemma's may
   */
  public GemmaChatTemplate(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    this.bos = require("<bos>", tokenizer.specialIds().bos());
    this.startOfTurn = require(START_OF_TURN, tokenizer.id(START_OF_TURN));
    this.endOfTurn = require(END_OF_TURN, tokenizer.id(END_OF_TURN));
  }

  @Override
  public String name() {
    return "Gemma's chat template";
  }

  @Override
  public OptionalInt endOfTurn() {
    return OptionalInt.of(endOfTurn);
  }

  /**
   * {@inheritDoc}
   *
   * @param messages turns of user and model, in turn, the user's first
   */
  @Override
  public ScoredConversation conversation(List<ChatMessage> messages) {
    requireNoSystem(messages);
    return turns(messages).build();
  }

  /**
   * {@inheritDoc}
   *
   * @param messages turns of user and model, in turn, the user's first and last
   */
  @Override
  public int[] prompt(List<ChatMessage> messages) {
    requireNoSystem(messages);
    if (messages.size() % 2 == 0) {
      throw new InvalidInput(
          "The conversation has " + messages.size() + " messages: the last must be the user's");
    }
    ScoredConversation.Builder turns = turns(messages);
    beginTurn(turns, Role.MODEL);
    return turns.build().ids();
  }

  private static void requireNoSystem(List<ChatMessage> messages) {
    if (messages.stream().anyMatch(message -> message.role() == Role.SYSTEM)) {
      throw new InvalidInput(
          "Gemma's chat template refuses the conversation: System role not supported; put the"
              + " system's text in front of the first user message");
    }
  }

  private ScoredConversation.Builder turns(List<ChatMessage> messages) {
    ScoredConversation.Builder turns = new ScoredConversation.Builder();
    turns.given(bos);
    for (int i = 0; i < messages.size(); i++) {
      ChatMessage message = messages.get(i);
      if (message.role() != (i % 2 == 0 ? Role.USER : Role.MODEL)) {
        throw new InvalidInput(
            "Message %d is the %s's: user and model must alternate, the user first"
                .formatted(i + 1, message.role().spelling()));
      }
      beginTurn(turns, message.role());
      int[] content = tokenizer.encodeContent(PythonText.strip(message.content()));
      if (message.role() == Role.MODEL) {
        turns.said(content);
        turns.endTurn(endOfTurn);
      } else {
        turns.given(content);
        turns.given(endOfTurn);
      }
      turns.given(tokenizer.encodeContent("\n"));
    }
    return turns;
  }

  private void beginTurn(ScoredConversation.Builder turns, Role role) {
    turns.given(startOfTurn);
    turns.given(tokenizer.encodeContent(role.spelling() + "\n"));
  }

  private static int require(String piece, OptionalInt id) {
    return id.orElseThrow(
        () ->
            new InvalidInput(
                "The tokenizer has no "
                    + piece
                    + ", which Gemma's chat template needs: use the tokenizer of a Gemma, or put"
                    + " the model's own chat_template.jinja into its folder"));
  }
}
