package io.gemlab.graph.generate;

import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.decode.FinishReason;
import io.gemlab.graph.decode.GeneratedTokens;
import io.gemlab.graph.decode.GenerationRequest;
import io.gemlab.graph.decode.SlotGenerator;
import io.gemlab.graph.decode.SlotListener;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Answers that are generated together, whenever they were asked for: one that is asked for joins
 * those under way between two tokens, as soon as there is a slot, and leaves when it has ended.
 * Each is the answer that {@link Gemma2#generate} gives, but for the order of float operations.
 *
 * <p>Safe for several threads. Between two steps the model does what else it is asked for, such as
 * scoring.
 */
public final class ContinuousBatch implements AutoCloseable {
  private final SlotGenerator slots;
  private final Executor worker;
  private final Optional<Tokenizer> tokenizer;
  private final int mostWaiting;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Set<Generation> begun = ConcurrentHashMap.newKeySet();
  private boolean running;
  private boolean closed;

  private record Waiting(Generation generation, GenerationRequest request) {}

  /**
   * @param worker runs one thing after the other: nobody else uses the model meanwhile
   * @param mostWaiting answers that wait for a slot at most
   */
  ContinuousBatch(
      SlotGenerator slots, Executor worker, Optional<Tokenizer> tokenizer, int mostWaiting) {
    this.slots = slots;
    this.worker = worker;
    this.tokenizer = tokenizer;
    this.mostWaiting = mostWaiting;
  }

  /**
   * An answer that is asked for.
   *
   * @param prompt what to go on with
   * @param options how; the cache is not reused
   */
  public record Asked(EncodedPrompt prompt, GenerationOptions options) {}

  /** Tokens that a prompt and its answer may have, the answer's last not counted. */
  public int positions() {
    return slots.positions();
  }

  /**
   * Refuses what can't be generated.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if the prompt has no tokens, unknown ones or no
   *     room
   */
  public void check(EncodedPrompt prompt) {
    slots.check(prompt.ids());
  }

  /** Programs that generating may need, each compiled when it is first needed. */
  public int mostPrograms() {
    return slots.mostPrograms();
  }

  /** Programs compiled so far; to be asked while nothing is generated. */
  int programs() {
    return slots.programs();
  }

  /** Answers that are being generated. */
  public int active() {
    return begun.size();
  }

  /** Answers that wait for a slot. */
  public synchronized int waiting() {
    return waiting.size();
  }

  /**
   * Begins to answer, and returns at once; an answer ends at {@link #positions} at the latest.
   *
   * @param asked answers, which all wait or none
   * @return each one's answer on its way
   * @throws io.gemlab.graph.base.input.InvalidInput if a prompt has no tokens, unknown ones or no
   *     room
   * @throws QueueFullException if too many would wait
   */
  public List<Generation> start(List<Asked> asked) {
    asked.forEach(one -> check(one.prompt()));
    List<Waiting> all = new ArrayList<>();
    for (Asked one : asked) {
      GenerationOptions options = one.options();
      Generation generation =
          new Generation(
              one.prompt().ids().length,
              tokenizer,
              options.ignoreEos() ? Set.of() : one.prompt().endIds(),
              options.stopStrings());
      GenerationRequest request =
          new GenerationRequest(
              List.of(one.prompt().ids()),
              options.maxNewTokens(),
              options.sampling(),
              options.logProbabilities());
      all.add(new Waiting(generation, request));
    }
    synchronized (this) {
      if (closed) throw new IllegalStateException("the batch is closed");
      dropCancelled();
      if (waiting.size() + all.size() > mostWaiting) throw new QueueFullException(waiting.size());
      waiting.addAll(all);
      if (!running) {
        running = true;
        worker.execute(this::round);
      }
    }
    return all.stream().map(Waiting::generation).toList();
  }

  /** On the model's thread: takes in one prompt, gives each row a token, and comes again. */
  private void round() {
    try {
      Optional<Waiting> next = slots.hasRoom() ? next() : Optional.empty();
      next.ifPresent(this::begin);
      slots.step();
    } catch (RuntimeException | Error e) {
      slots.close();
      begun.forEach(generation -> generation.fail(e));
      begun.clear();
    }
    goOn();
  }

  private synchronized Optional<Waiting> next() {
    dropCancelled();
    return Optional.ofNullable(waiting.poll());
  }

  private void begin(Waiting next) {
    Generation generation = next.generation();
    begun.add(generation);
    generation.begin();
    slots.add(
        next.request(),
        new SlotListener() {
          @Override
          public Optional<FinishReason> next(int id) {
            return generation.next(id);
          }

          @Override
          public boolean isCancelled() {
            return generation.isCancelled();
          }

          @Override
          public void ended(GeneratedTokens tokens) {
            begun.remove(generation);
            generation.finish(tokens);
          }
        });
  }

  private synchronized void goOn() {
    dropCancelled();
    running = !waiting.isEmpty() || !begun.isEmpty();
    try {
      if (running) worker.execute(this::round);
    } catch (RejectedExecutionException e) { // the model is being closed
      begun.forEach(generation -> generation.fail(e));
      begun.clear();
      running = false;
    }
    notifyAll();
  }

  /** Ends what nobody waits for any more. */
  private void dropCancelled() {
    waiting.removeIf(
        one -> {
          boolean cancelled = one.generation().isCancelled();
          if (cancelled) one.generation().finish(GeneratedTokens.none(FinishReason.CANCELLED));
          return cancelled;
        });
  }

  /** Cancels what is unfinished, waits for it, and frees the cache; the model stays. */
  @Override
  public synchronized void close() {
    if (closed) return;
    closed = true;
    waiting.forEach(one -> one.generation().cancel());
    begun.forEach(Generation::cancel);
    dropCancelled();
    boolean interrupted = false;
    while (running) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
    worker.execute(slots::close);
  }
}
