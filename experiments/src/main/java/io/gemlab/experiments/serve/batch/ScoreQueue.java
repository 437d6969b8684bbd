package io.gemlab.experiments.serve.batch;

import io.gemlab.graph.generate.Gemma2;
import io.gemlab.graph.generate.QueueFullException;
import io.gemlab.graph.score.Prefixes;
import io.gemlab.graph.score.ScoreListener;
import io.gemlab.graph.score.TokenRequest;
import io.gemlab.graph.score.TokenScores;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * Scores what clients ask for together: what came while the model was busy goes through it at once,
 * and of what it has in common once. Cancelling an answer takes it out of the queue.
 */
final class ScoreQueue implements AutoCloseable {
  /**
   * Tokens that are scored at once, if there are several texts: answers under way wait meanwhile.
   */
  private static final int MOST_TOKENS = 4096;

  private final Gemma2 gemma;
  private final int mostWaiting;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Thread worker;
  private boolean closed;

  private record Waiting(TokenRequest request, CompletableFuture<TokenScores> scores) {
    int tokens() {
      return request.context().length + request.continuation().length;
    }
  }

  /**
   * @param mostWaiting texts that wait at most
   */
  ScoreQueue(Gemma2 gemma, int mostWaiting) {
    this.gemma = gemma;
    this.mostWaiting = mostWaiting;
    this.worker = Thread.ofPlatform().name("gemlab-score").daemon().start(this::work);
  }

  /**
   * Asks for scores.
   *
   * @param requests which all wait or none, each short enough for the model, of tokens that it has
   * @throws QueueFullException if too many would wait
   */
  synchronized List<CompletableFuture<TokenScores>> add(List<TokenRequest> requests) {
    if (closed) throw new IllegalStateException("the queue is closed");
    waiting.removeIf(one -> one.scores().isCancelled());
    if (waiting.size() + requests.size() > mostWaiting) {
      throw new QueueFullException(waiting.size());
    }
    List<CompletableFuture<TokenScores>> scores = new ArrayList<>();
    for (TokenRequest request : requests) {
      scores.add(new CompletableFuture<>());
      waiting.add(new Waiting(request, scores.getLast()));
    }
    notifyAll();
    return scores;
  }

  synchronized int waiting() {
    return waiting.size();
  }

  private void work() {
    for (List<Waiting> batch = next(); !batch.isEmpty(); batch = next()) {
      List<Waiting> scored = batch;
      ScoreListener listener = (i, scores) -> scored.get(i).scores().complete(scores);
      try {
        gemma.score(scored.stream().map(Waiting::request).toList(), Prefixes.SHARED, listener);
      } catch (RuntimeException | Error e) {
        scored.forEach(one -> one.scores().completeExceptionally(e));
      }
    }
  }

  /** Waits for what to score; gives nothing at the end. */
  private synchronized List<Waiting> next() {
    List<Waiting> batch = new ArrayList<>();
    try {
      while (batch.isEmpty() && !closed) {
        int tokens = 0;
        while (!waiting.isEmpty()) {
          tokens += waiting.peek().tokens();
          if (!batch.isEmpty() && tokens > MOST_TOKENS) break;
          Waiting one = waiting.poll();
          if (!one.scores().isDone()) batch.add(one);
        }
        if (batch.isEmpty()) wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return batch;
  }

  /** Cancels what waits, and waits for what is being scored. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      waiting.forEach(
          one -> one.scores().completeExceptionally(new CancellationException("stopped")));
      waiting.clear();
      notifyAll();
    }
    try {
      worker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
