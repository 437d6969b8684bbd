package io.gemlab.graph.decode;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.ModelTrace;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.KernelUse;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Padding;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.choice.Support;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tokens after given tokens, one by one, with a cache of keys and values in the runtime. Knows no
 * text. Not for several threads at once.
 *
 * <p>The rows of a batch are independent: each gets the tokens that it would get alone, but for the
 * order of float operations.
 */
public final class Generator implements AutoCloseable {
  private final Gemma2Config config;
  private final ElementType type;
  private final StepRunner steps;
  private CachedPrefix held = CachedPrefix.NONE;

  /**
   * @param model what generates
   * @param executable where its weights are; it stays the caller's
   * @throws UnsupportedChoiceException if the model's attention can't use a cache
   */
  public Generator(Gemma2Model<?> model, Executable executable) {
    if (model.choice().attention() instanceof BlockwiseAttention attention) {
      throw new UnsupportedChoiceException(
          attention.label() + " attention",
          new Support.Unsupported(
              "it attends whole rows to themselves and finds no keys in a cache",
              "generate with eager attention"));
    }
    this.config = model.config();
    model.requireSupported();
    this.type = Tensors.elementType(model.type());
    this.steps = new StepRunner(model, executable);
  }

  /**
   * A function that does nothing but declare a model's weights, so that they can be assigned before
   * the first step is traced.
   */
  public static GraphFunction weights(Gemma2Model<?> model) {
    try (Trace trace = new Trace("weights")) {
      ModelTrace.of(trace, model);
      return trace.finish();
    }
  }

  /** All that has crossed between Java and the runtime for this generator. */
  public Traffic traffic() {
    return steps.traffic();
  }

  /** How many values of the step that ran last kernels compute; empty before the first step. */
  public Optional<KernelUse> kernels() {
    return steps.kernels();
  }

  /**
   * Generates.
   *
   * @param listener hears of each token as soon as it is there
   * @return each row's new tokens
   * @throws InvalidInput if a prompt holds an id outside the vocabulary or is longer than the
   *     model's context, or if the logits are not numbers
   */
  public List<GeneratedTokens> generate(GenerationRequest request, TokenListener listener) {
    List<int[]> prompts = request.prompts();
    prompts.forEach(this::check);
    List<SequenceState> rows =
        prompts.stream()
            .map(
                prompt ->
                    SequenceState.of(
                        prompt.length, request.maxNewTokens(), config.maxPositionEmbeddings()))
            .toList();
    int positions = rows.stream().mapToInt(SequenceState::positions).max().orElseThrow();
    CacheLayout cache = Buckets.cache(config, type, rows.size(), positions);
    StepHead.Next head =
        new StepHead.Next(!request.sampling().isGreedy(), request.logProbabilities());
    Map<String, HostTensor> sampling =
        request.sampling().isGreedy()
            ? Map.of()
            : Sampler.arguments(request.sampling(), cache.rows(), config.vocabSize());

    int reused = request.reuseCache() ? held.reusable(cache, prompts.getFirst()) : 0;
    held = CachedPrefix.NONE;
    listener.cached(0, reused);
    List<PromptChunk> chunks =
        reused > 0
            ? PromptChunk.cutRest(cache, prompts.getFirst(), reused)
            : PromptChunk.cut(cache, prompts, config.tokens().pad());
    for (PromptChunk chunk : chunks) {
      cancel(rows, listener);
      if (rows.stream().noneMatch(SequenceState::goesOn)) break;
      try (Results next = steps.run(cache, head, chunk.ids(), chunk.positions(), sampling)) {
        if (chunk == chunks.getLast()) add(ChosenTokens.of(next, head), rows, listener);
      }
    }
    int[][] ids = new int[cache.rows()][1];
    int[][] at = new int[cache.rows()][1];
    while (rows.stream().anyMatch(SequenceState::goesOn)) {
      for (int b = 0; b < cache.rows(); b++) {
        boolean goesOn = b < rows.size() && rows.get(b).goesOn();
        ids[b][0] = goesOn ? rows.get(b).lastId() : config.tokens().pad();
        at[b][0] = goesOn ? rows.get(b).lastPosition() : Padding.POSITION;
      }
      try (Results next = steps.run(cache, head, ids, at, sampling)) {
        add(ChosenTokens.of(next, head), rows, listener);
      }
    }
    if (rows.size() == 1)
      rows.getFirst()
          .cachedTokens(prompts.getFirst())
          .ifPresent(tokens -> held = new CachedPrefix(cache, tokens));
    return rows.stream().map(row -> row.tokens(request.logProbabilities())).toList();
  }

  /**
   * How probable each token of some rows is after those before it.
   *
   * @param rows tokens, 1 or more rows of 1 or more; lengths may differ
   * @return natural logarithms, one less than the row has tokens: the first has none before it
   * @throws InvalidInput if a row holds an id outside the vocabulary or is longer than the model's
   *     context
   */
  public List<float[]> logProbabilities(List<int[]> rows) {
    held = CachedPrefix.NONE;
    rows.forEach(this::check);
    int longest = rows.stream().mapToInt(row -> row.length).max().orElseThrow();
    CacheLayout cache = Buckets.cache(config, type, rows.size(), longest);
    List<float[]> scores = rows.stream().map(row -> new float[row.length - 1]).toList();
    for (PromptChunk chunk : PromptChunk.cutScored(cache, rows, config.tokens().pad())) {
      Map<String, HostTensor> labels = Map.of(StepHead.LABELS, HostTensor.of(chunk.labels()));
      try (Results scored =
          steps.run(cache, new StepHead.Score(), chunk.ids(), chunk.positions(), labels)) {
        float[] scores_BT = scored.get(StepHead.LOG_PROBABILITIES).floats();
        int length = chunk.ids()[0].length;
        for (int b = 0; b < rows.size(); b++) {
          for (int t = 0; t < length; t++) {
            if (chunk.labels()[b][t] < 0) continue;
            scores.get(b)[chunk.positions()[b][t]] = scores_BT[b * length + t];
          }
        }
      }
    }
    return scores;
  }

  /**
   * The logits of given rows by way of the cache, which should be those of the forward pass: what
   * shows that a cache is right.
   *
   * @param rows tokens, 1 or more rows of 1 or more; lengths may differ
   * @param prefilled how many tokens of each row are taken in in chunks, 1 or more; the others
   *     follow one by one
   * @return a row's logits, [T, V] row-major
   * @throws InvalidInput if a row holds an id outside the vocabulary or is longer than the model's
   *     context
   */
  public List<float[]> logits(List<int[]> rows, int prefilled) {
    held = CachedPrefix.NONE;
    rows.forEach(this::check);
    int longest = rows.stream().mapToInt(row -> row.length).max().orElseThrow();
    CacheLayout cache = Buckets.cache(config, type, rows.size(), longest);
    List<float[]> logits =
        rows.stream().map(row -> new float[row.length * config.vocabSize()]).toList();
    List<int[]> prompts =
        rows.stream().map(row -> Arrays.copyOf(row, Math.min(prefilled, row.length))).toList();
    for (PromptChunk chunk : PromptChunk.cutScored(cache, prompts, config.tokens().pad())) {
      keepLogits(cache, chunk.ids(), chunk.positions(), logits);
    }
    int[][] ids = new int[cache.rows()][1];
    int[][] at = new int[cache.rows()][1];
    for (int t = prefilled; t < longest; t++) {
      for (int b = 0; b < cache.rows(); b++) {
        boolean goesOn = b < rows.size() && t < rows.get(b).length;
        ids[b][0] = goesOn ? rows.get(b)[t] : config.tokens().pad();
        at[b][0] = goesOn ? t : Padding.POSITION;
      }
      keepLogits(cache, ids, at, logits);
    }
    return logits;
  }

  private void keepLogits(
      CacheLayout cache, int[][] ids_BT, int[][] positions_BT, List<float[]> into) {
    int vocabulary = config.vocabSize();
    try (Results results =
        steps.run(cache, new StepHead.Logits(), ids_BT, positions_BT, Map.of())) {
      float[] logits_BTV = results.get(StepHead.LOGITS).floats();
      int length = ids_BT[0].length;
      for (int b = 0; b < into.size(); b++) {
        for (int t = 0; t < length; t++) {
          int position = positions_BT[b][t];
          if (position < 0) continue;
          System.arraycopy(
              logits_BTV,
              (b * length + t) * vocabulary,
              into.get(b),
              position * vocabulary,
              vocabulary);
        }
      }
    }
  }

  /** Frees the cache; weights and executable stay. */
  @Override
  public void close() {
    held = CachedPrefix.NONE;
    steps.release();
  }

  private static void cancel(List<SequenceState> rows, TokenListener listener) {
    for (int b = 0; b < rows.size(); b++) {
      if (listener.isCancelled(b)) rows.get(b).finish(FinishReason.CANCELLED);
    }
  }

  private static void add(ChosenTokens chosen, List<SequenceState> rows, TokenListener listener) {
    for (int b = 0; b < rows.size(); b++) {
      SequenceState row = rows.get(b);
      if (!row.goesOn()) continue;
      chosen.requireFinite(b);
      row.add(chosen, b);
      listener.next(b, chosen.ids()[b], chosen.logProbabilities()[b]).ifPresent(row::finish);
    }
  }

  private void check(int[] tokens) {
    if (tokens.length > config.maxPositionEmbeddings()) {
      throw new InvalidInput(
          "a prompt has "
              + tokens.length
              + " tokens and the model's context (max_position_embeddings) "
              + config.maxPositionEmbeddings()
              + "; shorten it");
    }
    checkIds(config, tokens);
  }

  /** Refuses a prompt of no tokens, and ids outside the vocabulary. */
  static void checkIds(Gemma2Config config, int[] tokens) {
    if (tokens.length == 0) throw new InvalidInput("a prompt has no tokens; give at least one");
    for (int id : tokens) {
      if (id < 0 || id >= config.vocabSize()) {
        throw new InvalidInput(
            "a prompt holds the id "
                + id
                + " and the vocabulary "
                + config.vocabSize()
                + " tokens; use the model's own tokenizer");
      }
    }
  }
}
