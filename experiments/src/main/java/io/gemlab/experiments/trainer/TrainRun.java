package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.machine.MachineRates;
import io.gemlab.experiments.run.FolderLock;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.train.FrozenBase;
import io.gemlab.experiments.train.Interval;
import io.gemlab.experiments.train.Resumable;
import io.gemlab.experiments.train.StepProgress;
import io.gemlab.experiments.train.TrainingHook;
import io.gemlab.experiments.train.TrainingInput;
import io.gemlab.experiments.train.TrainingLoop;
import io.gemlab.experiments.train.Validation;
import io.gemlab.graph.base.batch.Share;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.decode.Generator;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.EndTokens;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.product.ProductUse;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.path.product.RecordedProducts;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.weights.FreshCheckpoint;
import io.gemlab.graph.weights.LoadProgress;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;

/**
 * A training run in its folder. What a process left there, the next one with {@code resume} goes on
 * from: on the same path to the same numbers.
 */
public final class TrainRun implements AutoCloseable {
  /** Where in a run's folder the logs of workers are that one process started. */
  public static final String WORKER_LOGS = TrainFolder.WORKER_LOGS;

  /** How long others of a cluster wait, when one is lost, until a checkpoint is whole. */
  private static final Duration SETTLING = Duration.ofSeconds(8);

  private final TrainFolder folder;
  private final boolean resume;
  private final TrainRecipeFile file;
  private final Optional<ClusterMembership> membership;
  private final OpenRecipe open;
  private final TrainRecipe recipe;
  private final TrainingInput input;
  private final BatchSource batches;
  private final TrainPrograms programs;
  private final Provenance provenance;
  private final RecordedProducts products;

  private TrainRun(
      TrainFolder folder,
      boolean resume,
      TrainRecipeFile file,
      Optional<ClusterMembership> membership,
      OpenRecipe open,
      RecordedProducts products,
      Provenance provenance) {
    this.folder = folder;
    this.resume = resume;
    this.file = file;
    this.membership = membership;
    this.open = open;
    this.products = products;
    this.provenance = provenance;
    this.recipe = open.recipe();
    this.input = open.input();
    this.batches = open.batches();
    this.programs = open.programs();
  }

  /**
   * Readies a run: checks all that can be checked before the folder is touched.
   *
   * @param recipe its file
   * @param changes {@code KEY=VALUE}, laid over it
   * @param out the run's folder
   * @param resume whether to go on with what is there; without, it must be empty
   * @throws InvalidInput if the recipe can't be used, its data can't be read or is too short, a
   *     device that it names is not there, or the folder holds something else
   */
  public static TrainRun of(
      Path recipe, List<String> changes, Path out, boolean resume, Provenance provenance) {
    return of(recipe, changes, out, resume, Optional.empty(), Products.measured(), provenance);
  }

  /**
   * The same for worker 0 of a cluster, which has the folder.
   *
   * @param membership of which; empty for a process that trains alone
   * @param asked which kernels are to compute products; what the run began with counts, and timings
   *     choose none for a cluster, whose workers would find different ones
   * @throws InvalidInput as above, or if a cluster can't do what the recipe asks for
   */
  public static TrainRun of(
      Path recipe,
      List<String> changes,
      Path out,
      boolean resume,
      Optional<ClusterMembership> membership,
      Products asked,
      Provenance provenance) {
    TrainRecipeFile file = TrainRecipeFile.read(recipe, changes);
    TrainFolder folder = new TrainFolder(out);
    folder.requireUsable(file, resume);
    TrainRecipe read = file.recipe();
    read.distill().ifPresent(spec -> spec.requireTeacher(recipe, changes));
    if (resume) requireStepsLeft(folder, read);
    Share share = membership.map(ClusterMembership::share).orElse(Share.WHOLE);
    boolean together = membership.isPresent();
    RecordedProducts products =
        RecordedProducts.of(
            out, together && !resume ? ClusterMembership.products(asked) : asked, resume);
    OpenRecipe open =
        OpenRecipe.of(
            read.withProducts(together ? ClusterMembership.products(products) : products), share);
    return new TrainRun(folder, resume, file, membership, open, products, provenance);
  }

  private static void requireStepsLeft(TrainFolder folder, TrainRecipe recipe) {
    for (Path checkpoint : Checkpoints.newestFirst(folder.checkpoints())) {
      int done = Checkpoints.steps(checkpoint);
      if (done <= recipe.steps()) continue;
      throw new InvalidInput(
          "%s has done %d steps and the recipe has %d; give training.steps of %2$d or more, or another --out"
              .formatted(folder.out(), done, recipe.steps()));
    }
  }

  /** What lies beside the weights; of conversations with the token that ends an answer. */
  private CheckpointFiles files() throws IOException {
    CheckpointFiles plain = plainFiles();
    OptionalInt end = input.summary().answerEnd();
    return end.isEmpty()
        ? plain
        : EndTokens.withEnd(end.getAsInt(), plain, folder.out(), recipe.model().config());
  }

  private CheckpointFiles plainFiles() throws IOException {
    Gemma2Config config = recipe.model().config();
    if (recipe.begin().checkpoint().isPresent()) {
      try (HfCheckpoint source = HfCheckpoint.open(recipe.begin().checkpoint().get())) {
        CheckpointFiles theirs = source.files();
        ObjectNode changed = ConfigJson.write(config, theirs.config());
        Map<String, Path> tokenizer =
            recipe.data().hasTokenizerOf(source.folder())
                ? theirs.companions()
                : recipe.data().tokenizerFiles(folder.out());
        return new CheckpointFiles(changed, theirs.generationConfig(), tokenizer);
      }
    }
    return new CheckpointFiles(
        ConfigJson.write(config),
        Optional.of(FreshCheckpoint.generationConfig(config)),
        recipe.data().tokenizerFiles(folder.out()));
  }

  private Optional<Checkpoints.Adapter> adapter() {
    return recipe
        .adapter()
        .map(
            spec -> {
              Path folder = recipe.begin().checkpoint().orElseThrow();
              return new Checkpoints.Adapter(
                  spec.lora(), folder.toString(), new FrozenBase(folder, programs.parameters()));
            });
  }

  /** Where it runs. */
  public ExecutionPath path() {
    return open.path();
  }

  /** Whether a folder is a training run's. */
  public static boolean isIn(Path folder) {
    return TrainFolder.isOne(folder);
  }

  /**
   * Makes the report of a run's folder again.
   *
   * @return its HTML file
   * @throws InvalidInput if no step was taken yet, or a file of it is damaged
   */
  public static Path report(Path folder) throws IOException {
    return TrainReport.write(new TrainFolder(folder));
  }

  /** The newest checkpoint in a run's folder; empty where there is none. */
  public static Optional<Path> lastCheckpoint(Path folder) {
    return Checkpoints.newestFirst(new TrainFolder(folder).checkpoints()).stream().findFirst();
  }

  /** Whether a run was begun in a folder, if it came to nothing yet. */
  public static boolean canResume(Path folder) {
    return Files.exists(new TrainFolder(folder).recipe());
  }

  /** Steps of the whole run, in a {@link RunMonitor}'s units. */
  public long work() {
    return recipe.steps();
  }

  /** What a step needs of memory, and whoever teaches. */
  public MemoryNeed need() {
    return open.need();
  }

  /** What {@link #need} is the need of, for people. */
  public String what() {
    return open.what();
  }

  /** Rows of the batch that the step's program takes. */
  public int rows() {
    return open.rows();
  }

  /**
   * What checkpoints take on disk besides those that are there, one that is being written among
   * them.
   */
  public long diskBytes() {
    long state = programs.kept().stream().mapToLong(TensorSpec::bytes).sum();
    long weights =
        programs.parameters().trained().stream()
            .mapToLong(parameter -> parameter.weight().shape().elements())
            .sum();
    long one = state + weights * recipe.checkpoints().stored().byteSize();
    int keep = recipe.checkpoints().keep();
    int there = Checkpoints.newestFirst(folder.checkpoints()).size();
    return one * (keep + 1 - Math.min(keep, there));
  }

  /**
   * Trains, from where the folder stands, and writes the report.
   *
   * @throws RunMonitor.Stopped if the monitor stopped it; a checkpoint is on disk
   * @throws InvalidInput if another process has the folder, or it holds something else by now
   * @throws io.gemlab.graph.base.input.NotFiniteException if a loss or a gradient is NaN or
   *     infinite; the last good checkpoint is named
   * @return the report's HTML file
   */
  public Path run(RunMonitor monitor) throws IOException {
    return run(monitor, MachineRates::measureProducts);
  }

  /**
   * The same, with another measurement of this machine.
   *
   * @param productRate FLOP/s of a precision's matrix products
   */
  Path run(RunMonitor monitor, ToDoubleFunction<Precision> productRate) throws IOException {
    try (FolderLock _ = FolderLock.take(folder.out())) {
      folder.requireUsable(file, resume);
      products.begin(resume);
      folder.claim(file, provenance);
      monitor.now("measuring the machine");
      StepSpeed speed = speed(productRate);
      return membership.isPresent()
          ? runTogether(membership.get(), speed, monitor)
          : run(Workers.ALONE, speed, monitor);
    }
  }

  private Path runTogether(ClusterMembership ours, StepSpeed speed, RunMonitor monitor)
      throws IOException {
    monitor.now("waiting for the other workers");
    try (ClusterWorkers workers = ClusterWorkers.join(ours, file, open, provenance)) {
      return workers.during(() -> run(workers, speed, workers.together(monitor)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the other workers", e);
    }
  }

  private Path run(Workers workers, StepSpeed speed, RunMonitor monitor) throws IOException {
    monitor.now("loading");
    List<GraphFunction> functions = new ArrayList<>(programs.all());
    functions.addAll(workers.programs());
    try (Executable executable = workers.place(path()).load(functions)) {
      train(executable, workers, speed, monitor);
    }
    monitor.now("report");
    return TrainReport.write(folder);
  }

  /** Of several workers nobody has measured what they reach at best. */
  private StepSpeed speed(ToDoubleFunction<Precision> productRate) throws IOException {
    OptionalDouble rate =
        recipe.path().isOnCores() && membership.isEmpty()
            ? OptionalDouble.of(
                ProductRate.of(
                        folder.machine(), provenance, recipe.model().precision(), productRate)
                    .flops())
            : OptionalDouble.empty();
    return StepSpeed.of(recipe, programs.parameters(), rate);
  }

  private void train(Executable executable, Workers workers, StepSpeed speed, RunMonitor monitor)
      throws IOException {
    Validation validation =
        new Validation(
            executable,
            programs.loss().name(),
            open.validated(),
            new Interval(recipe.validation().every(), recipe.steps()));
    Checkpoints checkpoints =
        new Checkpoints(
            folder.checkpoints(),
            programs.kept(),
            programs.parameters(),
            files(),
            adapter(),
            recipe.checkpoints().stored(),
            recipe.checkpoints().keep());
    List<Resumable> parts = new ArrayList<>(batches.parts());
    parts.add(validation);
    List<String> damaged = new ArrayList<>();
    TrainStep.resetOptimizer(programs.step().last(), executable);
    OptionalInt restored = checkpoints.restore(executable, parts, damaged::add);
    int done = restored.orElse(0);
    if (restored.isEmpty()) begin(executable, checkpoints);
    workers.saved(lastGood());
    workers.handOut(executable, done);
    // Of a run that begins anew nothing stays, not even what came before its first step.
    int logged = restored.orElse(-1);
    try (JsonLog metrics = JsonLog.goOn(folder.metrics(), logged);
        JsonLog evaluations = JsonLog.goOn(folder.evaluations(), logged);
        JsonLog diagnostics = JsonLog.goOn(folder.diagnostics(), logged);
        JsonLog events = JsonLog.goOn(folder.events(), logged);
        Generator writer = recipe.generator(executable);
        CheckpointWriting writing =
            new CheckpointWriting(
                checkpoints,
                executable,
                parts,
                new Interval(recipe.checkpoints().every(), recipe.steps()),
                _ -> workers.saved(lastGood()));
        EventFile board = new EventFile(folder.out())) {
      workers.completes(() -> writing.settle(SETTLING));
      RunEvents happened = new RunEvents(events, monitor::said);
      damaged.forEach(text -> happened.add(done, RunEvents.Kind.DAMAGED_CHECKPOINT, text));
      if (done > 0) happened.add(done, RunEvents.Kind.RESUMED, "resumed from step " + done);
      else
        input.summary().notTrainedOn().forEach(text -> happened.add(0, RunEvents.Kind.DATA, text));
      if (done == 0) {
        caution(happened);
        batches.teacher().ifPresent(who -> happened.add(0, RunEvents.Kind.TEACHER, who));
      }
      sayProducts(executable, done, happened);
      membership.ifPresent(ours -> ours.begin(done, happened));
      Spikes spikes = new Spikes(JsonLog.read(folder.metrics()), happened);
      List<TrainingHook> hooks = new ArrayList<>(workers.checks(executable));
      hooks.addAll(
          List.of(
              new StepProgress(monitor),
              new LiveNumbers(monitor),
              spikes,
              new Metrics(metrics, board, speed, input.bos())));
      programs
          .attention()
          .ifPresent(
              scores ->
                  hooks.add(
                      new Diagnostics(
                          diagnostics,
                          board,
                          executable,
                          scores.name(),
                          recipe.method().diagnoseEvery())));
      SampleTexts samples = new SampleTexts(recipe, writer, input.tokenizer());
      hooks.addAll(List.of(new Evaluations(evaluations, board, validation, samples), writing));
      monitor.now("training");
      try {
        loop(executable, writer, spikes, workers, hooks).run(done);
        writing.finish();
      } catch (NotFiniteException diverged) {
        writing.finish();
        throw new NotFiniteException(diverged.getMessage() + "; " + lastGood());
      } catch (UncheckedIOException failed) {
        throw new UncheckedIOException(failed.getMessage() + "; " + lastGood(), failed.getCause());
      }
    }
  }

  private TrainingLoop loop(
      Executable executable,
      Generator writer,
      Spikes spikes,
      Workers workers,
      List<TrainingHook> hooks) {
    return new TrainingLoop(
        executable,
        step -> programs.step(step, recipe.method().diagnoseEvery()),
        batches.batches(executable, writer),
        spikes::limits,
        workers,
        recipe.steps(),
        hooks);
  }

  /** Which kernels compute the step's products, where the path has a choice. */
  private void sayProducts(Executable executable, int done, RunEvents happened) {
    ProductUse use = executable.report(programs.step().all().getFirst().name()).products();
    if (use.products().isEmpty()) return;
    happened.add(done, RunEvents.Kind.PRODUCTS, "matrix products: " + use.described());
  }

  /** What a reader has to know of how weights are stored. */
  private void caution(RunEvents happened) {
    if (recipe.method().weights() == ElementType.BF16) {
      happened.add(
          0,
          RunEvents.Kind.CAUTION,
          "trained weights are stored in bfloat16 alone, which rounds small updates away:"
              + " unchanged_share of each step says how many; weights_dtype: float32 keeps masters");
    }
  }

  private String lastGood() {
    return lastCheckpoint(folder.out())
        .map(path -> "the last checkpoint is " + path)
        .orElse("there is no checkpoint yet");
  }

  /** Frees the data. */
  @Override
  public void close() {
    open.close();
  }

  private void begin(Executable executable, Checkpoints checkpoints) {
    if (checkpoints.adapter().isPresent()) {
      checkpoints.adapter().get().base().load(executable, LoadProgress.IGNORED);
      ModelWeights.initializeAdapter(programs.parameters(), recipe.begin().seed(), executable);
    } else if (recipe.begin().checkpoint().isPresent()) {
      try (HfCheckpoint source = HfCheckpoint.open(recipe.begin().checkpoint().get())) {
        ModelWeights.load(source, programs.parameters(), executable, LoadProgress.IGNORED);
      }
    } else {
      ModelWeights.initialize(
          programs.parameters(),
          recipe.begin().seed(),
          recipe.begin().initializerRange(),
          executable);
    }
  }
}
