package io.gemlab.experiments.serve.batch;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.generate.ContinuousBatch;
import io.gemlab.graph.generate.EncodedPrompt;
import io.gemlab.graph.generate.Gemma2;
import io.gemlab.graph.generate.Generation;
import io.gemlab.graph.generate.GenerationOptions;
import io.gemlab.graph.generate.Prompt;
import io.gemlab.graph.score.TokenRequest;
import io.gemlab.graph.score.TokenScores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A model that answers many clients at once. Safe for several threads. */
public final class ModelService implements AutoCloseable {
  private final String name;
  private final Gemma2 gemma;
  private final ContinuousBatch batch;
  private final ScoreQueue scores;
  private final TokenTexts texts;
  private final int mostAnswers;
  private final long mostCharacters;
  private final boolean chats;

  /**
   * @param name what clients call the model
   * @param gemma the model, which stays the caller's; it must have a tokenizer
   * @param slots answers that are generated at once
   * @param positions tokens that a prompt and its answer may have
   * @param mostWaiting answers that wait for a slot at most, and texts that wait to be scored
   * @throws InvalidInput if one of the numbers can't be
   */
  public ModelService(String name, Gemma2 gemma, int slots, int positions, int mostWaiting) {
    this.name = name;
    this.gemma = gemma;
    this.batch = gemma.continuousBatch(slots, positions, mostWaiting);
    this.scores = new ScoreQueue(gemma, mostWaiting);
    this.texts = new TokenTexts(gemma.tokenizer());
    this.mostAnswers = mostWaiting;
    this.mostCharacters = (long) positions * texts.longest();
    this.chats = chats(gemma);
  }

  private static boolean chats(Gemma2 gemma) {
    try {
      gemma.chatTemplate();
      return true;
    } catch (InvalidInput e) {
      return false;
    }
  }

  /** What clients call the model. */
  public String name() {
    return name;
  }

  /** Whether the model knows turns. */
  public boolean chats() {
    return chats;
  }

  /** Tokens that a prompt and its answer may have, the answer's last not counted. */
  public int positions() {
    return batch.positions();
  }

  /** Programs that may be compiled, each when it is first needed. */
  public int mostPrograms() {
    return batch.mostPrograms() + gemma.mostScoringPrograms(positions());
  }

  /** Answers that are being generated. */
  public int active() {
    return batch.active();
  }

  /** Answers and texts that wait. */
  public int waiting() {
    return batch.waiting() + scores.waiting();
  }

  /**
   * Begins to answer, and returns at once.
   *
   * @throws InvalidInput if a prompt can't be read or answered, or is too long for what is asked
   * @throws io.gemlab.graph.generate.QueueFullException if too many would wait
   */
  public Completion start(CompletionRequest request) {
    if (request.answers() > mostAnswers) {
      throw new InvalidInput(
          "%d answers are asked for at once, and %d may wait; ask for fewer"
              .formatted(request.answers(), mostAnswers));
    }
    List<EncodedPrompt> prompts = request.prompts().stream().map(this::encode).toList();
    prompts.forEach(prompt -> requireRoom(prompt, request));
    List<Optional<CompletableFuture<TokenScores>>> scored = score(prompts, request);
    List<Optional<Generation>> generated;
    try {
      generated = generate(prompts, request);
    } catch (RuntimeException e) {
      scored.forEach(one -> one.ifPresent(scores -> scores.cancel(false)));
      throw e;
    }
    List<Completion.Part> parts = new ArrayList<>();
    for (int p = 0; p < prompts.size(); p++) {
      for (int i = 0; i < request.choices(); i++) {
        EncodedPrompt prompt = prompts.get(p);
        parts.add(
            new Completion.Part(
                prompt.ids(),
                prompt.endIds(),
                scored.get(p),
                generated.get(p * request.choices() + i)));
      }
    }
    return new Completion(texts, request, parts);
  }

  private EncodedPrompt encode(Prompt prompt) {
    if (prompt instanceof Prompt.Chat && !chats) {
      throw new InvalidInput(
          "the model %s has no chat template and knows no turns; ask /v1/completions"
              .formatted(InvalidInput.shown(name)));
    }
    requireNoBook(prompt);
    EncodedPrompt encoded = gemma.encode(prompt);
    batch.check(encoded);
    return encoded;
  }

  /** Refuses without encoding it what has more tokens than there is room for in any case. */
  private void requireNoBook(Prompt prompt) {
    long characters =
        switch (prompt) {
          case Prompt.Text text -> text.text().length();
          case Prompt.Chat chat ->
              chat.messages().stream().mapToLong(message -> message.content().length()).sum();
          case Prompt.Ids _ -> 0;
        };
    if (characters <= mostCharacters) return;
    throw new InvalidInput(
        "a prompt has %d characters, more than %d tokens can have; shorten it"
            .formatted(characters, positions()));
  }

  private void requireRoom(EncodedPrompt prompt, CompletionRequest request) {
    int asked = request.maxTokens().orElse(1);
    if (prompt.ids().length + Math.max(0, asked - 1) <= positions()) return;
    throw new InvalidInput(
        "a prompt has %d tokens and max_tokens is %d, and there is room for %d together; shorten one"
            .formatted(prompt.ids().length, asked, positions()));
  }

  private List<Optional<CompletableFuture<TokenScores>>> score(
      List<EncodedPrompt> prompts, CompletionRequest request) {
    List<TokenRequest> wanted = new ArrayList<>();
    // Scored alone, a token more is asked of, whichever: what is likeliest there is the answer.
    int more = request.isScoredAlone() ? request.maxTokens().getAsInt() : 0;
    List<Boolean> hasScores = new ArrayList<>();
    for (EncodedPrompt prompt : prompts) {
      int[] ids = Arrays.copyOf(prompt.ids(), prompt.ids().length + more);
      hasScores.add(request.scoresPrompts() && ids.length > 1);
      if (hasScores.getLast()) {
        wanted.add(new TokenRequest(new int[] {ids[0]}, Arrays.copyOfRange(ids, 1, ids.length)));
      }
    }
    List<CompletableFuture<TokenScores>> added = wanted.isEmpty() ? List.of() : scores.add(wanted);
    List<Optional<CompletableFuture<TokenScores>>> each = new ArrayList<>();
    int next = 0;
    for (boolean has : hasScores) {
      each.add(has ? Optional.of(added.get(next++)) : Optional.empty());
    }
    return each;
  }

  private List<Optional<Generation>> generate(
      List<EncodedPrompt> prompts, CompletionRequest request) {
    boolean none = request.isScoredAlone() || request.maxTokens().orElse(1) == 0;
    List<ContinuousBatch.Asked> asked = new ArrayList<>();
    for (EncodedPrompt prompt : none ? List.<EncodedPrompt>of() : prompts) {
      int room = positions() - prompt.ids().length + 1;
      for (int i = 0; i < request.choices(); i++) {
        asked.add(
            new ContinuousBatch.Asked(
                prompt,
                new GenerationOptions(
                    request.maxTokens().orElse(room),
                    request.sampling().withSeed(request.sampling().seed() + i),
                    request.stop(),
                    request.ignoreEos(),
                    request.logProbabilities(),
                    false)));
      }
    }
    if (asked.isEmpty()) {
      return Collections.nCopies(request.answers(), Optional.empty());
    }
    return batch.start(asked).stream().map(Optional::of).toList();
  }

  /** Cancels what is unfinished and waits for it; the model stays. */
  @Override
  public void close() {
    scores.close();
    batch.close();
  }
}
