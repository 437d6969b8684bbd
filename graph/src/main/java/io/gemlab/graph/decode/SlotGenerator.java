package io.gemlab.graph.decode;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.ops.Padding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Rows that are generated together, and come and go one by one between two steps: continuous
 * batching. Knows no text. Not for several threads at once.
 *
 * <p>Each row has a slot of a cache. A prompt is taken in alone, all but its last token, into a
 * cache of one row that is then copied into the slot; the step that all rows share takes the last.
 * A step computes the first 1, 2, 4, 8... slots, as many as are taken, and a row comes into the
 * first that is free. A row's tokens are those that it would get alone, but for the order of float
 * operations.
 */
public final class SlotGenerator implements AutoCloseable {
  private final Gemma2Config config;
  private final Executable executable;
  private final CacheLayout promptCache;
  private final CacheLayout cache;
  private final SlotCopy copy;
  private final StepRunner prompts;
  private final StepRunner steps;
  private final Row[] rows;
  private boolean copyAdded;

  /**
   * @param model what generates; {@link Generator} says which attentions can
   * @param executable where its weights are; it stays the caller's
   * @param slots rows that there may be at once
   * @param positions of each, prompt and new tokens but the last
   * @throws InvalidInput if there are none of either, or more positions than the model's context
   *     has
   */
  public SlotGenerator(Gemma2Model<?> model, Executable executable, int slots, int positions) {
    if (slots < 1) {
      throw new InvalidInput("rows generated at once are " + slots + "; give 1 or more");
    }
    int context = model.config().maxPositionEmbeddings();
    if (positions < 1 || positions > context) {
      throw new InvalidInput(
          "a row's tokens are %d at most; give 1 to %d, the model's context (max_position_embeddings)"
              .formatted(positions, context));
    }
    this.config = model.config();
    this.executable = executable;
    List<CacheLayout> caches = caches(model, slots, positions);
    this.promptCache = caches.getFirst();
    this.cache = caches.getLast();
    this.copy = new SlotCopy(promptCache, cache);
    this.prompts = new StepRunner(model, executable);
    this.steps = new StepRunner(model, executable);
    this.rows = new Row[slots];
  }

  /** The cache that a prompt is taken into, and the slots. */
  static List<CacheLayout> caches(Gemma2Model<?> model, int slots, int positions) {
    ElementType type = Tensors.elementType(model.type());
    Gemma2Config config = model.config();
    return List.of(
        new CacheLayout(config, 1, positions, type, CacheLayout.Purpose.PROMPT),
        new CacheLayout(config, slots, positions, type, CacheLayout.Purpose.SLOTS));
  }

  /** A row in its slot. */
  private record Row(
      int[] prompt, SequenceState state, Sampling sampling, boolean scored, SlotListener listener) {
    int lastId() {
      return state.isEmpty() ? prompt[prompt.length - 1] : state.lastId();
    }

    void end() {
      listener.ended(state.tokens(scored));
    }
  }

  /** Tokens that a row may have, its last new one not counted. */
  public int positions() {
    return cache.capacity();
  }

  /** Programs that it may need, each compiled when it is first needed. */
  public int mostPrograms() {
    int widths = 1;
    for (int width = 1; width < rows.length; width *= 2) widths++;
    int heads = 2;
    return Buckets.chunkLengths(promptCache).size() + 1 + heads * widths;
  }

  /** Programs compiled so far. */
  public int programs() {
    return prompts.traffic().compiledFunctions()
        + steps.traffic().compiledFunctions()
        + (copyAdded ? 1 : 0);
  }

  /** Whether there is a slot for one more. */
  public boolean hasRoom() {
    return Stream.of(rows).anyMatch(Objects::isNull);
  }

  /**
   * Refuses what can't be generated.
   *
   * @throws InvalidInput if the prompt has no token, one outside the vocabulary, or no room
   */
  public void check(int[] prompt) {
    Generator.checkIds(config, prompt);
    if (prompt.length > positions()) {
      throw new InvalidInput(
          "a prompt has %d tokens, and there is room for %d; shorten it"
              .formatted(prompt.length, positions()));
    }
  }

  /**
   * Takes a prompt in and gives its row a slot; its first new token comes with the next step.
   *
   * @param request of one row, which {@link #check} has let pass
   * @throws IllegalStateException if there is no slot
   */
  public void add(GenerationRequest request, SlotListener listener) {
    int slot = 0;
    while (slot < rows.length && rows[slot] != null) slot++;
    if (slot == rows.length) throw new IllegalStateException("all slots are taken");
    int[] prompt = request.prompts().getFirst();
    check(prompt);
    SequenceState state = SequenceState.of(prompt.length, request.maxNewTokens(), positions());
    Row row = new Row(prompt, state, request.sampling(), request.logProbabilities(), listener);
    if (takeIn(prompt, slot, listener)) {
      rows[slot] = row;
    } else {
      state.finish(FinishReason.CANCELLED);
      row.end();
    }
  }

  /** Answers whether the row is still wanted. */
  private boolean takeIn(int[] prompt, int slot, SlotListener listener) {
    if (prompt.length == 1) return !listener.isCancelled();
    int[] first = Arrays.copyOf(prompt, prompt.length - 1);
    for (PromptChunk chunk : PromptChunk.cut(promptCache, List.of(first), config.tokens().pad())) {
      if (listener.isCancelled()) return false;
      prompts
          .run(promptCache, new StepHead.Nothing(), chunk.ids(), chunk.positions(), Map.of())
          .close();
    }
    if (!copyAdded) {
      executable.add(copy.trace());
      copyAdded = true;
    }
    steps.hold(cache);
    executable.run(copy.name(), SlotCopy.arguments(slot)).close();
    return true;
  }

  /** Gives each row its next token; rows that end leave their slots. */
  public void step() {
    int taken = rows.length;
    while (taken > 0 && rows[taken - 1] == null) taken--;
    if (taken == 0) return;
    int width = Math.min(rows.length, Buckets.powerOfTwo(taken));
    int[][] ids = new int[width][1];
    int[][] at = new int[width][1];
    List<Sampling> samplings = new ArrayList<>();
    for (int b = 0; b < width; b++) {
      Row row = rows[b];
      ids[b][0] = row == null ? config.tokens().pad() : row.lastId();
      at[b][0] = row == null ? Padding.POSITION : row.state().lastPosition();
      samplings.add(row == null ? Sampling.greedy() : row.sampling());
    }
    boolean drawn = samplings.stream().anyMatch(sampling -> !sampling.isGreedy());
    // Log-probabilities always, which cost little: two programs for each width and not four.
    StepHead.Next head = new StepHead.Next(drawn, true);
    Map<String, HostTensor> arguments =
        drawn ? Sampler.arguments(samplings, config.vocabSize()) : Map.of();
    try (Results next = steps.run(cache, head, ids, at, arguments)) {
      ChosenTokens chosen = ChosenTokens.of(next, head);
      for (int b = 0; b < taken; b++) {
        if (rows[b] != null) chosen.requireFinite(b);
      }
      for (int b = 0; b < taken; b++) {
        if (rows[b] != null) add(chosen, b);
      }
    }
  }

  private void add(ChosenTokens chosen, int slot) {
    Row row = rows[slot];
    row.state().add(chosen, slot);
    row.listener().next(chosen.ids()[slot]).ifPresent(row.state()::finish);
    if (row.state().goesOn()) return;
    rows[slot] = null;
    row.end();
  }

  /** Drops all rows, of whose end nobody hears, and frees the caches. */
  @Override
  public void close() {
    Arrays.fill(rows, null);
    prompts.release();
    steps.release();
  }
}
