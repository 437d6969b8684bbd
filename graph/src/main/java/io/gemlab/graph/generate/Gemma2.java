package io.gemlab.graph.generate;

import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.text.ChatTemplate;
import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.base.text.Tokenizers;
import io.gemlab.graph.decode.FinishReason;
import io.gemlab.graph.decode.GeneratedTokens;
import io.gemlab.graph.decode.GenerationRequest;
import io.gemlab.graph.decode.Generator;
import io.gemlab.graph.decode.SlotGenerator;
import io.gemlab.graph.decode.TokenListener;
import io.gemlab.graph.decode.Traffic;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.EndTokens;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.KernelUse;
import io.gemlab.graph.path.kernel.Kernels;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.score.Prefixes;
import io.gemlab.graph.score.ScoreListener;
import io.gemlab.graph.score.Scorer;
import io.gemlab.graph.score.TokenRequest;
import io.gemlab.graph.weights.LoadProgress;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.choice.Deviation;
import io.gemlab.ops.choice.Support;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A checkpoint that answers.
 *
 * <pre>{@code
 * try (var gemma = Gemma2.load(Path.of("gemma-2-2b-it"))) {
 *   System.out.println(gemma.generate("The capital of France is").text());
 *   var question = Prompt.chat(List.of(ChatMessage.user("Why is the sky blue?")));
 *   gemma.generate(question, GenerationOptions.defaults(), System.out::print);
 * }
 * }</pre>
 *
 * <p>Safe for several threads: generations run one after the other, in the order they were asked
 * for, on a thread of this object's. Closing it cancels those that are left.
 */
public final class Gemma2 implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gemma2.class);

  private final Gemma2Model<?> model;
  private final PromptReader prompts;
  private final Executable executable;
  private final Generator generator;
  private final Scorer scorer;
  private Optional<ContinuousBatch> batch = Optional.empty();
  private final Set<Generation> unfinished = ConcurrentHashMap.newKeySet();
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().name("gemlab-generate").daemon().unstarted(task));

  private Gemma2(
      Gemma2Model<?> model, PromptReader prompts, Executable executable, Generator generator) {
    this.model = model;
    this.prompts = prompts;
    this.executable = executable;
    this.generator = generator;
    this.scorer = new Scorer(model, executable);
  }

  /** Loads a checkpoint folder with {@link LoadOptions#defaults}. */
  public static Gemma2 load(Path folder) {
    return load(folder, LoadOptions.defaults());
  }

  /** Loads a checkpoint folder, and tells nobody how far it is. */
  public static Gemma2 load(Path folder, LoadOptions options) {
    return load(folder, options, LoadProgress.IGNORED);
  }

  /**
   * Loads a checkpoint folder: config.json, safetensors, and the tokenizer if there is one.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if the folder is no checkpoint, a file is
   *     missing or damaged, or an end token can't come
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if the path or the attention can't do
   *     what was asked
   */
  public static Gemma2 load(Path folder, LoadOptions options, LoadProgress progress) {
    try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
      return load(checkpoint, options, progress);
    }
  }

  /** Loads a checkpoint that is open, and that the caller closes. */
  public static Gemma2 load(HfCheckpoint checkpoint, LoadOptions options, LoadProgress progress) {
    options.precision().caution().ifPresent(LOG::warn);
    if (Kernels.support() instanceof Support.Unsupported lacking) {
      LOG.warn(
          "{}: the graph and the clustered path generate several times slower; {}",
          lacking.reason(),
          lacking.remedy());
    }
    Path folder = checkpoint.folder();
    Gemma2Config config =
        ConfigJson.read(checkpoint.files().config(), folder.resolve("config.json").toString());
    EndTokens end = EndTokens.of(checkpoint.files(), folder, config);
    Gemma2Model<?> model = options.model(config);
    Executable executable = options.path().load(List.of(Generator.weights(model)));
    try {
      Generator generator = new Generator(model, executable);
      ModelWeights.load(checkpoint, model, executable, Tensors.elementType(model.type()), progress);
      PromptReader prompts =
          new PromptReader(folder, Tokenizers.openIn(folder), Set.copyOf(end.ids()));
      return new Gemma2(model, prompts, executable, generator);
    } catch (RuntimeException e) {
      executable.close();
      throw e;
    }
  }

  public Gemma2Config config() {
    return model.config();
  }

  /**
   * The checkpoint's tokenizer; closed with this object.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if it has none
   */
  public Tokenizer tokenizer() {
    return prompts.required();
  }

  /**
   * What makes prompts of conversations: the checkpoint's own chat template, or Gemma's.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if it can't be read, or the checkpoint is a
   *     base model or has no tokenizer
   */
  public ChatTemplate chatTemplate() {
    return prompts.chatTemplate();
  }

  /** What the attention leaves out of the configuration, with permission. */
  public Optional<Deviation> deviation() {
    return model.deviation();
  }

  /** Answers a text with {@link GenerationOptions#defaults}. */
  public Answer generate(String text) {
    return generate(Prompt.text(text), GenerationOptions.defaults());
  }

  /** Answers. */
  public Answer generate(Prompt prompt, GenerationOptions options) {
    return start(prompt, options).join();
  }

  /**
   * Answers, giving the text piece by piece to {@code listener}, on the calling thread.
   *
   * <p>A listener that throws cancels the generation.
   */
  public Answer generate(Prompt prompt, GenerationOptions options, Consumer<String> listener) {
    Generation generation = start(prompt, options);
    try (Stream<String> pieces = generation.stream()) {
      pieces.forEach(listener);
    }
    return generation.join();
  }

  /** Answers several prompts at once: as a batch, each as if alone. */
  public List<Answer> generate(List<Prompt> batch, GenerationOptions options) {
    return start(batch, options).stream().map(Generation::join).toList();
  }

  /**
   * Begins to answer, and returns at once.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if the prompt can't be read, or there are stop
   *     strings and the checkpoint has no tokenizer
   */
  public Generation start(Prompt prompt, GenerationOptions options) {
    return start(List.of(prompt), options).getFirst();
  }

  /**
   * Begins to answer several prompts as a batch.
   *
   * @return each one's answer on its way; they can be cancelled one by one
   */
  public List<Generation> start(List<Prompt> batch, GenerationOptions options) {
    if (!options.stopStrings().isEmpty()) prompts.required();
    List<int[]> tokens = batch.stream().map(prompts::tokens).toList();
    GenerationRequest request =
        new GenerationRequest(
            tokens,
            options.maxNewTokens(),
            options.sampling(),
            options.logProbabilities(),
            options.reuseCache());
    List<Generation> generations = new ArrayList<>();
    for (int row = 0; row < batch.size(); row++) {
      Set<Integer> stopIds = options.ignoreEos() ? Set.of() : prompts.stopIds(batch.get(row));
      generations.add(
          new Generation(
              tokens.get(row).length, prompts.tokenizer(), stopIds, options.stopStrings()));
    }
    unfinished.addAll(generations);
    try {
      worker.execute(() -> run(request, generations));
    } catch (RejectedExecutionException e) {
      generations.forEach(unfinished::remove);
      throw closed(e);
    }
    return generations;
  }

  /**
   * A prompt's tokens, and those that end its answer.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if the prompt can't be read
   */
  public EncodedPrompt encode(Prompt prompt) {
    return new EncodedPrompt(prompts.tokens(prompt), prompts.stopIds(prompt));
  }

  /**
   * Readies the model for answers that join each other as they come; closed with this object.
   *
   * @param slots answers that are generated at once
   * @param positions tokens that a prompt and its answer may have
   * @param mostWaiting answers that wait for a slot at most
   * @throws io.gemlab.graph.base.input.InvalidInput if there are no slots or positions, or more
   *     positions than the model's context has
   * @throws IllegalStateException if it was called before
   */
  public synchronized ContinuousBatch continuousBatch(int slots, int positions, int mostWaiting) {
    if (batch.isPresent()) throw new IllegalStateException("the model has a batch already");
    SlotGenerator rows = new SlotGenerator(model, executable, slots, positions);
    batch = Optional.of(new ContinuousBatch(rows, worker, prompts.tokenizer(), mostWaiting));
    return batch.get();
  }

  private void run(GenerationRequest request, List<Generation> generations) {
    generations.forEach(Generation::begin);
    TokenListener listener =
        new TokenListener() {
          @Override
          public Optional<FinishReason> next(int row, int id, float logProbability) {
            return generations.get(row).next(id);
          }

          @Override
          public void cached(int row, int tokens) {
            generations.get(row).cached(tokens);
          }

          @Override
          public boolean isCancelled(int row) {
            return generations.get(row).isCancelled();
          }
        };
    try {
      List<GeneratedTokens> tokens = generator.generate(request, listener);
      for (int row = 0; row < tokens.size(); row++) generations.get(row).finish(tokens.get(row));
    } catch (RuntimeException | Error e) {
      generations.forEach(generation -> generation.fail(e));
    } finally {
      generations.forEach(unfinished::remove);
    }
  }

  /**
   * How probable each token of a prompt is after those before it.
   *
   * @return natural logarithms, one less than it has tokens
   */
  public float[] logProbabilities(Prompt prompt) {
    int[] tokens = prompts.tokens(prompt);
    return onWorker(() -> generator.logProbabilities(List.of(tokens)).getFirst());
  }

  /** Does something when it is its turn, and waits for it. */
  private <R> R onWorker(Supplier<R> work) {
    try {
      return CompletableFuture.supplyAsync(work, worker).join();
    } catch (RejectedExecutionException e) {
      throw closed(e);
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /**
   * Scores continuations after their contexts, several at once: what they begin with alike is
   * computed once.
   *
   * @param listener hears of each as it comes, on the thread that computes; one that throws ends it
   * @throws io.gemlab.graph.base.input.InvalidInput if a request is longer than the model's
   *     context, or holds an id outside the vocabulary
   */
  public void score(List<TokenRequest> requests, ScoreListener listener) {
    score(requests, Prefixes.SHARED, listener);
  }

  /** The same, where what requests begin with alike may be computed with each. */
  public void score(List<TokenRequest> requests, Prefixes prefixes, ScoreListener listener) {
    onWorker(
        () -> {
          scorer.score(requests, prefixes, listener);
          return null;
        });
  }

  /** Programs that scoring texts of at most so many tokens may need. */
  public int mostScoringPrograms(int tokens) {
    return scorer.mostPrograms(tokens);
  }

  /** The programs that scoring has compiled so far, by name. */
  public Set<String> scoringPrograms() {
    return onWorker(scorer::programs);
  }

  /** What has crossed between Java and the runtime so far. */
  public Traffic traffic() {
    return generator.traffic();
  }

  /**
   * How many values of the step that ran last kernels compute, or why none; empty before the first
   * step.
   */
  public Optional<KernelUse> kernels() {
    return generator.kernels();
  }

  private static IllegalStateException closed(RejectedExecutionException cause) {
    return new IllegalStateException("the model is closed", cause);
  }

  /** Cancels what is unfinished, waits for it, and frees model and tokenizer. */
  @Override
  public synchronized void close() {
    if (worker.isShutdown()) return;
    batch.ifPresent(ContinuousBatch::close);
    worker.shutdown();
    unfinished.forEach(Generation::cancel);
    worker.close();
    generator.close();
    executable.close();
    prompts.tokenizer().ifPresent(Tokenizer::close);
  }
}
