package io.gemlab.graph.generate;

import io.gemlab.graph.base.text.StreamDecoder;
import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.decode.FinishReason;
import io.gemlab.graph.decode.GeneratedTokens;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * An answer on its way. Safe for several threads; its pieces go to one of them.
 *
 * <p>It is generated whether or not anybody takes the pieces, until it is cancelled.
 */
public final class Generation {
  /** A stretch of text; the last has none. */
  private record Piece(Optional<String> text) {}

  private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
  private final CompletableFuture<Answer> answer = new CompletableFuture<>();
  private final StringBuilder text = new StringBuilder();
  private final Set<Integer> stopIds;
  private final StopStrings stopStrings;
  private final Optional<StreamDecoder> decoder;
  private final int promptTokens;
  private int cachedTokens;
  private long beginNanos;
  private long firstNanos;
  private long lastNanos;
  private volatile boolean cancelled;

  Generation(
      int promptTokens,
      Optional<Tokenizer> tokenizer,
      Set<Integer> stopIds,
      List<String> stopStrings) {
    this.promptTokens = promptTokens;
    this.decoder = tokenizer.map(StreamDecoder::new);
    this.stopIds = stopIds;
    this.stopStrings = new StopStrings(stopStrings);
  }

  /** Ends it soon; what is there by then is the answer. */
  public void cancel() {
    cancelled = true;
  }

  /**
   * Its text piece by piece, each whole characters, as they come; for one call. Closing the stream
   * before its end cancels the generation.
   */
  public Stream<String> stream() {
    Spliterator<String> spliterator =
        Spliterators.spliteratorUnknownSize(
            new Pieces(), Spliterator.ORDERED | Spliterator.NONNULL);
    return StreamSupport.stream(spliterator, false).onClose(this::cancel);
  }

  /**
   * Waits for the answer.
   *
   * @throws CancellationException if the waiting thread is interrupted; then it is cancelled
   */
  public Answer join() {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    }
  }

  /**
   * The next piece of its text, for whoever does not take {@link #stream}; empty if none came for
   * so long, or at the end.
   */
  public Optional<String> poll(Duration timeout) {
    try {
      Piece piece = pieces.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
      if (piece == null) return Optional.empty();
      if (piece.text().isEmpty()) {
        pieces.add(piece); // it stays the last
        join(); // a failure is thrown here
      }
      return piece.text();
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  /** Whether all pieces were taken, and no more come. */
  public boolean isEnded() {
    Piece next = pieces.peek();
    return next != null && next.text().isEmpty();
  }

  /** Waits for the answer, but not longer; answers whether it is there, or failed. */
  public boolean await(Duration timeout) {
    try {
      answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      return true;
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  /** It is its turn, on the thread that generates. */
  void begin() {
    beginNanos = System.nanoTime();
    firstNanos = beginNanos;
    lastNanos = beginNanos;
  }

  /** Hears how much of its prompt was in the cache, on the thread that generates. */
  void cached(int tokens) {
    cachedTokens = tokens;
  }

  /** Takes a new token in, on the thread that generates. */
  Optional<FinishReason> next(int id) {
    lastNanos = System.nanoTime();
    if (firstNanos == beginNanos) firstNanos = lastNanos;
    if (stopIds.contains(id)) return Optional.of(FinishReason.STOP_TOKEN);
    decoder.ifPresent(decoder -> give(stopStrings.push(decoder.push(id))));
    if (stopStrings.isFound()) return Optional.of(FinishReason.STOP_STRING);
    return cancelled ? Optional.of(FinishReason.CANCELLED) : Optional.empty();
  }

  boolean isCancelled() {
    return cancelled;
  }

  void finish(GeneratedTokens tokens) {
    decoder.ifPresent(decoder -> give(stopStrings.push(decoder.finish())));
    give(stopStrings.finish());
    answer.complete(new Answer(text.toString(), tokens, timing()));
    pieces.add(new Piece(Optional.empty()));
  }

  private Timing timing() {
    return new Timing(
        promptTokens,
        cachedTokens,
        Duration.ofNanos(firstNanos - beginNanos),
        Duration.ofNanos(lastNanos - firstNanos));
  }

  void fail(Throwable failure) {
    answer.completeExceptionally(failure);
    pieces.add(new Piece(Optional.empty()));
  }

  private void give(String piece) {
    if (piece.isEmpty()) return;
    text.append(piece);
    pieces.add(new Piece(Optional.of(piece)));
  }

  private CancellationException interrupted() {
    cancel();
    Thread.currentThread().interrupt();
    return new CancellationException("interrupted while waiting for an answer");
  }

  private static RuntimeException failure(Throwable cause) {
    return switch (cause) {
      case Error error -> throw error;
      case RuntimeException exception -> exception;
      default -> new IllegalStateException("generating failed", cause);
    };
  }

  private final class Pieces implements Iterator<String> {
    private Piece ahead;

    @Override
    public boolean hasNext() {
      try {
        if (ahead == null) ahead = pieces.take();
      } catch (InterruptedException e) {
        throw interrupted();
      }
      if (ahead.text().isEmpty()) join(); // a failure is thrown here
      return ahead.text().isPresent();
    }

    @Override
    public String next() {
      if (!hasNext()) throw new NoSuchElementException("the answer has ended");
      String piece = ahead.text().orElseThrow();
      ahead = null;
      return piece;
    }
  }
}
