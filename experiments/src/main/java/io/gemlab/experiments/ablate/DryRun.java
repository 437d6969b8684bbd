package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.AblationRecipe.Timing;
import io.gemlab.experiments.ablate.AblationRecipe.Training;
import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.experiments.run.Bytes;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.base.process.FreeMemory;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.ops.Precision;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import io.gemlab.reports.record.RunRecords;
import io.gemlab.tpu.path.PjrtPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * What an ablation would run, and what that takes. Programs are traced, a small one takes a few
 * steps, and nothing is written.
 *
 * @param recipe what was asked
 * @param folder where earlier runs of it may have left records; it need not be there
 */
record DryRun(AblationRecipe recipe, Path folder) {
  /** Bytes of a model that is loaded and run only to see how fast it is. */
  private static final long CHEAP = 1L << 30;

  /** A program's largest need, or why it is refused. */
  private record Need(String what, Optional<MemoryNeed> memory, String refusal) {}

  /** For people, a line each. */
  List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    if (recipe.pilot()) lines.add("a pilot: the report will draw no conclusion");
    List<Need> needs = new ArrayList<>();
    recipe.training().ifPresent(_ -> lines.addAll(training(needs)));
    recipe.timing().ifPresent(timing -> lines.add(timing(timing, needs)));
    recipe
        .agreement()
        .ifPresent(
            agreement ->
                lines.add(
                    "agreement: logits of up to %d arms x %d paths x %d dtypes"
                        .formatted(
                            recipe.arms().size(),
                            agreement.paths().size(),
                            agreement.precisions().size())));
    lines.addAll(memory(needs));
    if (recipe.training().isPresent()) lines.add(disk(needs));
    lines.add(time(needs));
    lines.add("nothing was written");
    return lines;
  }

  private List<String> training(List<Need> needs) {
    // Arms that are trained alike share a line.
    Map<String, List<Arm>> alike = new LinkedHashMap<>();
    for (Arm arm : recipe.arms()) {
      alike.computeIfAbsent(asked(arm), _ -> new ArrayList<>()).add(arm);
      needs.add(
          need(
              "the training step of " + arm.name(),
              () -> TrainingArm.trace(arm.training(), arm.model())));
    }
    List<String> lines = new ArrayList<>();
    alike.forEach(
        (asked, arms) -> {
          Training training = arms.getFirst().training();
          lines.add(
              "training: %d %s x %d seeds x %d steps = %d steps %s: %s"
                  .formatted(
                      arms.size(),
                      arms.size() == 1 ? "arm" : "arms",
                      training.seeds().size(),
                      training.steps(),
                      (long) arms.size() * training.seeds().size() * training.steps(),
                      asked,
                      String.join("; ", arms.stream().map(Arm::name).toList())));
        });
    return lines;
  }

  private static String asked(Arm arm) {
    Training training = arm.training();
    return "of %d x %d tokens of %s on %s, %s, learning rate %s"
        .formatted(
            training.data().batch(),
            training.data().length(),
            training.data().corpus(),
            training.path().path().label(),
            training.precision().label(),
            training.schedule().learningRate().peak());
  }

  private String timing(Timing timing, List<Need> needs) {
    for (String name : timing.arms()) {
      Arm arm = recipe.arm(name);
      for (int length : timing.lengths()) {
        needs.add(
            need(
                "the timed training step of %s at %d tokens".formatted(name, length),
                () ->
                    ModelProgram.TRAIN.trace(
                        arm.in(timing.precision()), new BatchShape(timing.batch(), length))));
      }
    }
    return "timing: %d arms x %d paths x %d lengths = %d cells of %d samples"
        .formatted(
            timing.arms().size(),
            timing.paths().size(),
            timing.lengths().size(),
            timing.arms().size() * timing.paths().size() * timing.lengths().size(),
            timing.samples());
  }

  private static Need need(String what, Supplier<GraphFunction> traced) {
    try {
      return new Need(what, Optional.of(MemoryNeed.of(traced.get())), "");
    } catch (UnsupportedChoiceException refusal) {
      return new Need(what, Optional.empty(), refusal.getMessage());
    }
  }

  /** The largest need, and what is refused. */
  private List<String> memory(List<Need> needs) {
    List<String> lines = new ArrayList<>();
    Optional<Need> largest = largest(needs, MemoryNeed::total);
    OptionalLong free = onThisMachine() ? FreeMemory.bytes() : OptionalLong.empty();
    largest.ifPresent(
        need ->
            lines.add(
                "memory: up to about %s, %s (%s kept between calls, %s during one)%s"
                    .formatted(
                        Bytes.text(total(need)),
                        need.what(),
                        Bytes.text(need.memory().orElseThrow().state()),
                        Bytes.text(total(need) - need.memory().orElseThrow().state()),
                        free.isPresent()
                            ? "; %s is free%s"
                                .formatted(
                                    Bytes.text(free.getAsLong()),
                                    total(need) > free.getAsLong() ? ": too little" : "")
                            : "")));
    for (Need need : needs) {
      if (need.memory().isEmpty()) lines.add("refused: " + need.what() + ": " + need.refusal());
    }
    return lines;
  }

  private static long total(Need need) {
    return need.memory().orElseThrow().total();
  }

  private static Optional<Need> largest(List<Need> needs, ToLongFunction<MemoryNeed> size) {
    return needs.stream()
        .filter(need -> need.memory().isPresent())
        .max(Comparator.comparingLong(need -> size.applyAsLong(need.memory().orElseThrow())));
  }

  /** The control's weights stay; a run's state is on disk while it runs. */
  private String disk(List<Need> needs) {
    long elements =
        Parameters.trained(recipe.control().in(Precision.FLOAT32))
            .checkpointShapes()
            .values()
            .stream()
            .mapToLong(TensorShape::elements)
            .sum();
    long state =
        largest(needs, MemoryNeed::state)
            .map(need -> need.memory().orElseThrow().state())
            .orElse(0L);
    return "disk: %s of the control's weights, and up to %s of state while a run is not complete"
        .formatted(Bytes.text(elements * Precision.FLOAT32.bytes()), Bytes.text(state));
  }

  /** By the records that are there, else by a few steps of the control where these are cheap. */
  private String time(List<Need> needs) throws IOException {
    if (recipe.training().isEmpty()) return "time: not measured";
    OptionalDouble recorded = recorded();
    boolean cheap =
        largest(needs, MemoryNeed::total).filter(need -> total(need) < CHEAP).isPresent();
    if (recorded.isEmpty() && !cheap) return "time: not measured; the model is not a small one";
    if (recorded.isEmpty() && !onThisMachine()) return "time: not measured; no device is taken";
    double secondsAToken =
        recorded.isPresent() ? recorded.getAsDouble() : measured() / tokens(recipe.control());
    double seconds = 0;
    for (Arm arm : recipe.arms()) {
      Training training = arm.training();
      seconds += secondsAToken * tokens(arm) * training.steps() * training.seeds().size();
    }
    return "time: training about %s at the rate of %s, compilation and validation apart%s"
        .formatted(
            Duration.ofSeconds((long) Math.ceil(seconds))
                .toString()
                .substring("PT".length())
                .toLowerCase(Locale.ROOT),
            recorded.isPresent()
                ? "the runs in " + folder
                : "a few steps of " + recipe.control().name() + " just now",
            recipe.timing().isPresent() || recipe.agreement().isPresent()
                ? "; timing and agreement not measured"
                : "");
  }

  /** Whether no path is a device's, which another process may hold and has its own memory. */
  private boolean onThisMachine() {
    return recipe.paths().stream().noneMatch(path -> PjrtPath.isLabel(path.label()));
  }

  private static int tokens(Arm arm) {
    return arm.training().data().batch() * arm.training().data().length();
  }

  private double measured() {
    Arm control = recipe.control();
    try (TrainingArm arm =
        new TrainingArm(
            control.training(),
            control.model(),
            TrainingText.of(control.training(), control.config()))) {
      return arm.secondsAStep();
    }
  }

  /** Seconds a token of the complete runs in the folder. */
  private OptionalDouble recorded() throws IOException {
    Path runs = folder.resolve("runs");
    if (!Files.isDirectory(runs)) return OptionalDouble.empty();
    List<RunView> records = RunRecords.readAll(runs).stream().map(RunView::new).toList();
    return recipe.arms().stream()
        .flatMapToDouble(
            arm ->
                records.stream()
                    .filter(RunView::isComplete)
                    .filter(run -> run.kind().equals(AblationRuns.TRAINING))
                    .filter(run -> run.arm().equals(arm.name()))
                    .flatMapToDouble(run -> secondsAStep(run).stream())
                    .map(seconds -> seconds / tokens(arm)))
        .average();
  }

  private static OptionalDouble secondsAStep(RunView run) {
    return run.measurement(Measures.TRAINING_TIME).stream()
        .mapToDouble(
            time -> time.getValue() / run.curve(Measures.TRAINING_LOSS).orElseThrow().getYCount())
        .findFirst();
  }
}
