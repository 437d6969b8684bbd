package io.gemlab.experiments.serve.batch;

import io.gemlab.graph.decode.FinishReason;
import io.gemlab.graph.decode.GeneratedTokens;
import io.gemlab.graph.generate.Answer;
import io.gemlab.graph.generate.Generation;
import io.gemlab.graph.score.TokenScores;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What a client asked for, on its way. For one thread, but for {@link #cancel}. */
public final class Completion {
  private final TokenTexts texts;
  private final CompletionRequest request;
  private final List<Part> parts;

  /**
   * An answer's parts.
   *
   * @param prompt the prompt's tokens
   * @param endIds tokens that end the answer
   * @param scores of the prompt's tokens but the first, and one more if the answer is scored alone;
   *     empty unless asked for
   * @param generation what follows the prompt; empty if that is nothing, or is scored
   */
  record Part(
      int[] prompt,
      Set<Integer> endIds,
      Optional<CompletableFuture<TokenScores>> scores,
      Optional<Generation> generation) {}

  Completion(TokenTexts texts, CompletionRequest request, List<Part> parts) {
    this.texts = texts;
    this.request = request;
    this.parts = parts;
  }

  /** Tokens of the prompts, each counted once. */
  public int promptTokens() {
    int tokens = 0;
    for (int i = 0; i < parts.size(); i += request.choices())
      tokens += parts.get(i).prompt().length;
    return tokens;
  }

  /** Ends it soon; who waits for it gets a {@link CancellationException} or what is there. */
  public void cancel() {
    for (Part part : parts) {
      part.scores().ifPresent(scores -> scores.cancel(false));
      part.generation().ifPresent(Generation::cancel);
    }
  }

  /** Waits for all answers, but not longer; answers whether they are there, or failed. */
  public boolean await(Duration timeout) {
    long end = System.nanoTime() + timeout.toNanos();
    for (Part part : parts) {
      if (part.scores().isPresent() && !isDone(part.scores().get(), end - System.nanoTime())) {
        return false;
      }
      if (part.generation().isPresent()
          && !part.generation()
              .get()
              .await(Duration.ofNanos(Math.max(0, end - System.nanoTime())))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDone(CompletableFuture<?> future, long nanos) {
    try {
      future.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException | CancellationException e) {
      // It is over; who asks for the answer hears of it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for an answer");
    }
    return true;
  }

  /** What is generated of the only answer, to be taken piece by piece. */
  public Generation only() {
    if (parts.size() != 1) throw new IllegalStateException(parts.size() + " answers are no stream");
    return parts.getFirst().generation().orElseThrow();
  }

  /**
   * Waits for the answers.
   *
   * @return all to the first prompt, then those to the next
   */
  public List<CompletionAnswer> answers() {
    return parts.stream().map(this::answer).toList();
  }

  private CompletionAnswer answer(Part part) {
    Optional<TokenScores> scores = part.scores().map(Completion::joined);
    if (part.generation().isPresent()) {
      Answer answer = part.generation().get().join();
      return answer(part, scores, answer.text(), answer.tokens());
    }
    int prompt = part.prompt().length;
    if (request.maxTokens().orElseThrow() == 0) {
      return answer(part, scores, "", GeneratedTokens.none(FinishReason.LENGTH));
    }
    // Scored alone: the last score is of what follows the prompt.
    int id = scores.orElseThrow().likeliest()[prompt - 1];
    float[] probability = {scores.get().likeliestLogProbabilities()[prompt - 1]};
    boolean ends = !request.ignoreEos() && part.endIds().contains(id);
    FinishReason finish = ends ? FinishReason.STOP_TOKEN : FinishReason.LENGTH;
    int[] ids = {id};
    return answer(
        part,
        scores,
        ends ? "" : texts.text(id),
        new GeneratedTokens(ids, probability, ids, probability, finish));
  }

  private static TokenScores joined(CompletableFuture<TokenScores> scores) {
    try {
      return scores.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private CompletionAnswer answer(
      Part part, Optional<TokenScores> scores, String text, GeneratedTokens tokens) {
    String before = request.echo() ? texts.text(part.prompt()) : "";
    return new CompletionAnswer(
        before + text,
        request.logProbabilities() ? reports(part.prompt(), scores, tokens) : List.of(),
        tokens.finish(),
        part.prompt().length,
        tokens.ids().length);
  }

  private List<TokenReport> reports(
      int[] prompt, Optional<TokenScores> scores, GeneratedTokens tokens) {
    int echoed = request.echo() ? prompt.length : 0;
    int[] ids = Arrays.copyOf(prompt, echoed + tokens.ids().length);
    System.arraycopy(tokens.ids(), 0, ids, echoed, tokens.ids().length);
    int[] offsets = texts.offsets(ids);
    List<TokenReport> reports = new ArrayList<>();
    for (int i = 0; i < ids.length; i++) {
      Optional<TokenReport.Scored> scored =
          i >= echoed ? Optional.of(scored(tokens, i - echoed)) : scored(scores, i - 1);
      reports.add(new TokenReport(texts.spelling(ids[i]), offsets[i], scored));
    }
    return reports;
  }

  private TokenReport.Scored scored(GeneratedTokens tokens, int i) {
    return new TokenReport.Scored(
        tokens.logProbabilities()[i],
        texts.spelling(tokens.likeliest()[i]),
        tokens.likeliestLogProbabilities()[i]);
  }

  /** Of the prompt's token behind the one numbered {@code i}. */
  private Optional<TokenReport.Scored> scored(Optional<TokenScores> scores, int i) {
    if (i < 0) return Optional.empty();
    return scores.map(
        all ->
            new TokenReport.Scored(
                all.logProbabilities()[i],
                texts.spelling(all.likeliest()[i]),
                all.likeliestLogProbabilities()[i]));
  }
}
