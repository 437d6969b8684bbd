package io.gemlab.experiments.generate;

import io.gemlab.graph.base.text.ChatMessage;
import io.gemlab.graph.decode.FinishReason;
import io.gemlab.graph.generate.Answer;
import io.gemlab.graph.generate.Gemma2;
import io.gemlab.graph.generate.Generation;
import io.gemlab.graph.generate.GenerationOptions;
import io.gemlab.graph.generate.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A conversation with a model, which remembers what was said, and takes in what is new alone as
 * long as nobody else generates with the model. For one thread, but for {@link #interrupt}.
 */
public final class Conversation {
  private final Gemma2 gemma;
  private final List<ChatMessage> opening;
  private final GenerationOptions options;
  private final List<ChatMessage> said = new ArrayList<>();
  private Generation current;
  private boolean interrupted;

  /**
   * @param opening what stands before the first message, and is never forgotten
   */
  public Conversation(Gemma2 gemma, List<ChatMessage> opening, GenerationOptions options) {
    this.gemma = gemma;
    this.opening = List.copyOf(opening);
    this.options = options.reusingCache();
    reset();
  }

  /**
   * Says something, and gives the answer piece by piece as it comes. An answer that was interrupted
   * is remembered as far as it came; one that had no beginning leaves nothing behind.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if the conversation is longer than the model's
   *     context, or the chat template refuses it; then it is as before
   */
  public Answer say(String message, Consumer<String> listener) {
    begin();
    List<ChatMessage> all = new ArrayList<>(said);
    all.add(ChatMessage.user(message));
    Generation generation = gemma.start(Prompt.chat(all), options);
    follow(generation);
    try (Stream<String> pieces = generation.stream()) {
      pieces.forEach(listener);
    }
    Answer answer = generation.join();
    if (answer.tokens().finish() != FinishReason.CANCELLED || !answer.text().isEmpty()) {
      all.add(ChatMessage.model(answer.text()));
      said.clear();
      said.addAll(all);
    }
    return answer;
  }

  /** Ends the answer to what is being said, if anything is; from any thread. */
  public synchronized void interrupt() {
    interrupted = true;
    if (current != null) current.cancel();
  }

  /** Forgets what was said. */
  public void reset() {
    said.clear();
    said.addAll(opening);
  }

  private synchronized void begin() {
    interrupted = false;
    current = null;
  }

  /** From here on an interruption reaches the answer; one that came before does now. */
  private synchronized void follow(Generation generation) {
    current = generation;
    if (interrupted) generation.cancel();
  }
}
