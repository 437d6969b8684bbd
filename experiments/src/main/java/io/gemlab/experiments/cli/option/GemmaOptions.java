package io.gemlab.experiments.cli.option;

import io.gemlab.experiments.cli.terminal.LoadingBar;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.graph.base.checkpoint.CheckpointKind;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.text.Tokenizers;
import io.gemlab.graph.decode.GenerationMemory;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.generate.Gemma2;
import io.gemlab.graph.generate.LoadOptions;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.trace.MemoryNeed;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Flags of the commands that load a model to generate with. */
public final class GemmaOptions {
  private static final int SHORT = 256;

  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "Hugging Face folder: config.json, safetensors, and the tokenizer.")
  public Path checkpoint;

  @Mixin private PathOptions running;

  @Option(
      names = "--dtype",
      defaultValue = "bfloat16",
      paramLabel = "TYPE",
      description =
          "bfloat16, float32 or float16, to compute in and to keep weights and cache in. Default:"
              + " ${DEFAULT-VALUE}.")
  private String dtype;

  @Mixin private QuantizeOption quantize;

  /** Checks early that there are weights to load and a tokenizer beside them. */
  public void requireTokenizer() {
    CheckpointKind.requireReadable(checkpoint);
    Tokenizers.requireIn(checkpoint);
  }

  @Mixin private MemoryOptions memory;

  /** How the model is to compute, by the flags' names. */
  public Map<String, String> settings() {
    LoadOptions options = options();
    return Map.of(
        "dtype", options.precision().label(),
        "quantize", options.quantization().label(),
        "path", options.path().label(),
        "attention", options.choice().attention().label());
  }

  /** How the model is to run. */
  public LoadOptions options() {
    return new LoadOptions(
        Choices.precision(dtype),
        quantize.quantization(),
        running.path(checkpoint),
        running.choice());
  }

  /** Which kernels are to compute products. */
  public Products products() {
    return running.products();
  }

  /** Loads the checkpoint, and says what will run otherwise than it asks. */
  public Gemma2 load(PrintWriter err) {
    return load(err, products());
  }

  /** The same with products so computed, where the path has a choice. */
  public Gemma2 load(PrintWriter err, Products chosen) {
    LoadOptions options = options();
    // Weights and a short cache: without these there is not even a first token.
    return load(
        err,
        options.withPath(options.path().withProducts(chosen)),
        loaded ->
            GenerationMemory.of(
                loaded, 1, Math.min(SHORT, loaded.config().maxPositionEmbeddings())));
  }

  /**
   * The same, where it is known what generating will keep in memory.
   *
   * @param need of the model that is to be loaded
   */
  public Gemma2 load(PrintWriter err, Function<Gemma2Model<?>, GenerationMemory> need) {
    return load(err, options(), need);
  }

  private Gemma2 load(
      PrintWriter err, LoadOptions options, Function<Gemma2Model<?>, GenerationMemory> need) {
    try (HfCheckpoint weights = HfCheckpoint.open(checkpoint);
        LoadingBar loading = new LoadingBar()) {
      requireMemory(weights, options, need);
      Gemma2 gemma = Gemma2.load(weights, options, loading);
      ModelOptions.printDeviation(err, gemma.deviation());
      return gemma;
    }
  }

  /**
   * Refuses what memory can't hold, unless forced.
   *
   * @param what is about to run
   * @param need of its largest program
   * @param rows of its batch
   * @throws io.gemlab.graph.base.input.InvalidInput if it doesn't fit
   */
  public void requireMemory(String what, MemoryNeed need, int rows) {
    memory.require(what, need, rows, options().path());
  }

  private void requireMemory(
      HfCheckpoint weights, LoadOptions options, Function<Gemma2Model<?>, GenerationMemory> need) {
    Gemma2Config config =
        ConfigJson.read(weights.files().config(), checkpoint.resolve("config.json").toString());
    long kept = need.apply(options.model(config)).total();
    memory.require("generating with " + checkpoint, new MemoryNeed(kept, 0, 0), 1, options.path());
  }
}
