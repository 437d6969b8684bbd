package io.gemlab.experiments.trainer;

import io.gemlab.experiments.compile.Compilation;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The very step of a recipe compiled for a TPU slice or GPUs, with none at hand: whether it fits,
 * how long the run would take, and the program to run there.
 */
public final class TrainPlan {
  private static final String BUNDLE = "step.bundle";

  private final TrainRecipe recipe;
  private final Compilation compilation;

  private TrainPlan(TrainRecipe recipe, Compilation compilation) {
    this.recipe = recipe;
    this.compilation = compilation;
  }

  /**
   * What came out.
   *
   * @param lines for people
   * @param fits whether the step was compiled and fits
   */
  public record Outcome(List<String> lines, boolean fits) {}

  /**
   * Checks all that can be checked before long work.
   *
   * @param file the recipe's
   * @param changes {@code KEY=VALUE}, laid over it
   * @param target such as {@code v5p:4x4x4}
   * @throws InvalidInput if the recipe can't be used, or not on this target
   */
  public static TrainPlan of(Path file, List<String> changes, String target) {
    TrainRecipe recipe = TrainRecipeFile.read(file, changes).recipe().onDevice();
    recipe.distill().ifPresent(spec -> spec.requireTeacher(file, changes));
    recipe
        .adapter()
        .map(AdapterSpec::base)
        .filter(base -> base.quantization != Quantization.NONE)
        .ifPresent(
            base -> {
              throw new InvalidInput(
                  "%s: lora.base_dtype is %s, and a plan's program takes weights as a checkpoint has them; give --set lora.base_dtype=bfloat16"
                      .formatted(file, base.label()));
            });
    return new TrainPlan(
        recipe,
        Compilation.ofTraining(
            recipe.model(),
            recipe.method().loss(),
            TrainPrograms.step(recipe),
            recipe.accumulation(),
            recipe.microBatch(),
            target,
            recipe.path().mesh()));
  }

  /**
   * Compiles, and writes {@code plan/} with the report and the step's bundle.
   *
   * @param doing told what is being done
   */
  public Outcome run(Path out, Provenance provenance, Consumer<String> doing) throws IOException {
    Path folder = out.resolve("plan");
    Files.createDirectories(folder);
    Compilation.Outcome outcome =
        compilation.run(folder, Optional.of(folder.resolve(BUNDLE)), provenance, doing, _ -> {});
    List<String> lines = new ArrayList<>(List.of(outcome.answer()));
    double tokens = (double) recipe.steps() * recipe.data().batch() * recipe.data().length();
    outcome
        .tokensPerSecond()
        .ifPresent(
            rate ->
                lines.add(
                    "%s tokens/s predicted: the recipe's %d steps, %s tokens, take %s."
                        .formatted(
                            Numbers.significant(rate, 3),
                            recipe.steps(),
                            Numbers.significant(tokens, 3),
                            time(tokens / rate))));
    lines.add("report: " + outcome.report());
    outcome.bundle().ifPresent(bundle -> lines.add("bundle: " + bundle));
    return new Outcome(lines, outcome.allFit());
  }

  /** In the largest unit that there is one of. */
  private static String time(double seconds) {
    ChronoUnit unit =
        Stream.of(ChronoUnit.DAYS, ChronoUnit.HOURS, ChronoUnit.MINUTES)
            .filter(each -> seconds >= each.getDuration().toSeconds())
            .findFirst()
            .orElse(ChronoUnit.SECONDS);
    return Numbers.significant(seconds / unit.getDuration().toSeconds(), 3)
        + " "
        + unit.toString().toLowerCase(Locale.ROOT);
  }
}
