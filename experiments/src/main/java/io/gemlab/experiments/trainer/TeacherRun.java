package io.gemlab.experiments.trainer;

import io.gemlab.experiments.distill.ModelTraits;
import io.gemlab.experiments.distill.TeacherFile;
import io.gemlab.experiments.distill.TeacherFileWriter;
import io.gemlab.experiments.distill.TeacherHeader;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.train.TrainingInput;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.checkpoint.CheckpointKind;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.text.TrainingRows;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.ModelFlops;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.generate.LoadOptions;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.path.product.RecordedProducts;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.graph.train.TeacherPass;
import io.gemlab.graph.train.TopKLoss;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.graph.weights.LoadProgress;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.choice.Deviation;
import io.gemlab.ops.loss.Temperature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A teacher scores the rows that a recipe trains on, read as {@code gemlab train} reads them: what
 * it says of row i, position t stands at row i, position t of a {@link TeacherFile}, in whatever
 * order they are trained on.
 */
public final class TeacherRun implements AutoCloseable {
  private static final String FUNCTION = "teacher";

  private final Request request;
  private final TrainingInput input;
  private final TrainingLoss.BatchShape batch;
  private final Gemma2Model<?> model;
  private final GraphFunction function;
  private final TeacherHeader header;
  private final RecordedProducts products;

  /**
   * What is asked for.
   *
   * @param checkpoint the teacher's folder
   * @param recipe a recipe of {@code gemlab train}: its data, and as many rows at once as its step
   *     has, cut into {@code loss_pieces}
   * @param changes {@code KEY=VALUE}, laid over it
   * @param topK tokens kept at each position
   * @param temperature what capped logits are divided by
   * @param options how the teacher runs
   * @param products which kernels are to compute products; what the file was begun with counts
   * @param out the file
   * @param resume whether to go on with what is there of it
   */
  public record Request(
      Path checkpoint,
      Path recipe,
      List<String> changes,
      int topK,
      double temperature,
      LoadOptions options,
      Products products,
      Path out,
      boolean resume) {}

  private TeacherRun(
      Request request,
      TrainRecipe recipe,
      TrainingInput input,
      Gemma2Model<?> model,
      TeacherPass<?> pass) {
    this.request = request;
    this.input = input;
    this.model = model;
    this.batch = recipe.microBatch();
    this.function = pass.trace(FUNCTION);
    this.products = RecordedProducts.beside(request.out(), request.products(), request.resume());
    this.header =
        new TeacherHeader(
            request.checkpoint().toString(),
            hash(request.checkpoint()),
            "%s, quantization %s"
                .formatted(
                    request.options().precision().label(),
                    request.options().quantization().label()),
            recipe.data().corpus(),
            TeacherFile.sha256(input.training()),
            input.training().count(),
            recipe.data().length(),
            request.topK(),
            ModelFlops.of(model.config(), ModelFlops.Pass.FORWARD, 1, recipe.data().length())
                / recipe.data().length(),
            request.temperature(),
            traits(model.config(), recipe));
  }

  /**
   * Readies it: checks all that can be checked before anything is written.
   *
   * @throws InvalidInput if the recipe, its data or the checkpoint can't be used, the checkpoint
   *     has another tokenizer, rows are longer than its context, the file can't be begun or gone on
   *     with, or was begun with other products
   */
  public static TeacherRun of(Request request) {
    TeacherFileWriter.requireUsable(request.out(), request.resume());
    TrainRecipe recipe = TrainRecipeFile.read(request.recipe(), request.changes()).recipe();
    CheckpointKind.requireReadable(request.checkpoint());
    Gemma2Config config = ConfigJson.read(request.checkpoint().resolve("config.json"));
    ModelTraits.requireContext(request.checkpoint(), config, recipe.data().length());
    Gemma2Model<?> model = request.options().model(config);
    TeacherPass<?> pass =
        new TeacherPass<>(
            model,
            recipe.microBatch(),
            request.topK(),
            temperature(request.temperature()),
            recipe.method().lossPieces());
    TrainingInput input =
        TrainingInput.open(recipe.data(), recipe.rows(), recipe.validation().fraction(), config);
    boolean ready = false;
    try {
      TeacherRun run = new TeacherRun(request, recipe, input, model, pass);
      ready = true;
      return run;
    } finally {
      if (!ready) input.close();
    }
  }

  private static Temperature temperature(double value) {
    try {
      return new Temperature(value);
    } catch (IllegalArgumentException e) {
      throw new InvalidInput(e.getMessage(), e);
    }
  }

  /** Of the config and every file of weights. */
  private static String hash(Path checkpoint) {
    Map<String, String> files =
        Sha256.byName(checkpoint, CheckpointKind.requireReadable(checkpoint).modelFiles());
    return Sha256.of(files.toString());
  }

  private ModelTraits traits(Gemma2Config config, TrainRecipe recipe) {
    ModelTraits theirs = ModelTraits.of(request.checkpoint());
    ModelTraits data = ModelTraits.of(config, recipe.data().tokenizerContentSha256());
    theirs.requireSame(request.checkpoint().toString(), data, List.of());
    return theirs;
  }

  /** What the file will be of. */
  public TeacherHeader header() {
    return header;
  }

  /** Rows of all: a {@link RunMonitor}'s units. */
  public long work() {
    return header.rows();
  }

  /** What a batch needs of memory. */
  public MemoryNeed need() {
    return MemoryNeed.of(function);
  }

  /** Rows at once. */
  public int rows() {
    return batch.batchSize();
  }

  /**
   * What came out.
   *
   * @param rows scored by this process
   * @param loss what leaving out and rounding made of them
   * @param execution how they were computed
   * @param deviation what ran otherwise than the checkpoint asks; empty where nothing did
   */
  public record Outcome(
      int rows,
      TeacherFileWriter.Loss loss,
      ExecutionReport execution,
      Optional<Deviation> deviation) {}

  /**
   * Scores the rows that are left, and makes the file of them.
   *
   * @throws RunMonitor.Stopped if the monitor stopped it; whole rows are on disk
   * @throws io.gemlab.graph.base.input.NotFiniteException if a probability is NaN or infinite
   */
  public Outcome run(RunMonitor monitor, LoadProgress progress) throws IOException {
    try (TeacherFileWriter writer =
        TeacherFileWriter.open(request.out(), header, request.resume())) {
      products.begin(request.resume());
      return run(writer, monitor, progress);
    }
  }

  private Outcome run(TeacherFileWriter writer, RunMonitor monitor, LoadProgress progress)
      throws IOException {
    ExecutionPath path = request.options().path().withProducts(products);
    try (Executable executable = path.load(List.of(function))) {
      int before = writer.rows();
      monitor.worked(before);
      try (HfCheckpoint weights = HfCheckpoint.open(request.checkpoint())) {
        ModelWeights.load(weights, model, executable, Tensors.elementType(model.type()), progress);
      }
      TeacherFileWriter.Loss loss = TeacherFileWriter.Loss.NONE;
      while (writer.rows() < header.rows()) {
        monitor.check();
        int count = Math.min(batch.batchSize(), header.rows() - writer.rows());
        loss = loss.plus(score(executable, writer, count));
        monitor.worked(count);
      }
      writer.finish();
      return new Outcome(
          header.rows() - before, loss, executable.report(FUNCTION), model.deviation());
    }
  }

  /** A batch that is not full repeats its last row. */
  private TeacherFileWriter.Loss score(Executable executable, TeacherFileWriter writer, int count)
      throws IOException {
    TrainingRows rows = input.training();
    int[] numbers = new int[batch.batchSize()];
    Arrays.setAll(numbers, i -> writer.rows() + Math.min(i, count - 1));
    TokenBatch tokens = rows.batch(numbers).tokens();
    try (Results results = executable.run(FUNCTION, tokens.arguments())) {
      results.requireFinite();
      return writer.add(
          count,
          results.get(TopKLoss.IDS).ints(),
          results.get(TopKLoss.LOG_PROBABILITIES).floats(),
          results.get(TopKLoss.REST).floats());
    }
  }

  /** Frees the data. */
  @Override
  public void close() {
    input.close();
  }
}
