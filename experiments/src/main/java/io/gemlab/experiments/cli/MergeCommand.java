package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.option.OutputFile;
import io.gemlab.experiments.cli.terminal.Progress;
import io.gemlab.experiments.merge.method.Contract;
import io.gemlab.experiments.merge.method.DropRescale;
import io.gemlab.experiments.merge.plan.MergePlan;
import io.gemlab.experiments.merge.plan.PlanText;
import io.gemlab.experiments.merge.recipe.MergeRecipe;
import io.gemlab.experiments.merge.recipe.MergeRecipeFile;
import io.gemlab.experiments.merge.run.Estimate;
import io.gemlab.experiments.merge.run.FrontTable;
import io.gemlab.experiments.merge.run.MergeOptions;
import io.gemlab.experiments.merge.run.MergeRun;
import io.gemlab.experiments.merge.run.Verification;
import io.gemlab.experiments.run.Bytes;
import io.gemlab.graph.base.checkpoint.HfCheckpointWriter;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code gemlab merge}: checkpoints merged into one by mergekit's recipe. */
@Command(
    name = "merge",
    description = {
      "Merge checkpoints into one, by a recipe in mergekit's YAML; docs/merge.md has the methods and"
          + " their parameters.",
      "Tensors stream from disk to disk, so models may be larger than memory. Arithmetic is in"
          + " float32; the result is rounded once to the recipe's out_dtype or dtype, or else to the"
          + " models' own type.",
      "A model is a folder, or MODEL+ADAPTER with a LoRA adapter in PEFT's format.",
      "merge_method: warp writes a front: a folder OUT/eta-X for each eta that the recipe lists, and a"
          + " table of what they are."
    })
final class MergeCommand implements Callable<Integer> {
  private static final List<String> RANDOM_DROP = List.of("dare_linear", "dare_ties");

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "CONFIG.yml", description = "The recipe.")
  private Path config;

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      description = "Folder for the merged checkpoint; new or empty.")
  private Path out;

  @Option(
      names = "--dry-run",
      description =
          "Say what happens to each tensor, how much is read and written, and about how long it"
              + " takes; write nothing.")
  private boolean dryRun;

  @Option(
      names = "--resume",
      description = "Go on with a merge into OUT that was stopped, behind its last whole shard.")
  private boolean resume;

  @Option(
      names = "--verify",
      description =
          "Read the result back and compare it with the hashes of what was written; of a merge that"
              + " OUT holds already, only that, and the models with their hashes.")
  private boolean verify;

  @Option(
      names = "--like-mergekit",
      description =
          "Round each operation of the task-vector methods to the recipe's dtype, or else to the"
              + " models' own, as mergekit does. Default: arithmetic in float32.")
  private boolean likeMergekit;

  @Option(
      names = "--dare-rescale",
      paramLabel = "WHAT",
      defaultValue = "norm",
      description =
          "What makes up for what DARE drops: norm keeps each tensor's sum of magnitudes, as"
              + " mergekit does; density multiplies by 1 / density, as the paper does. Default:"
              + " ${DEFAULT-VALUE}.")
  private DropRescale rescale;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of what DARE and DELLA drop. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Override
  public Integer call() {
    if (verify && !dryRun && Verification.isPossible(out)) return report(Verification.of(out));
    MergeRecipe recipe = MergeRecipeFile.read(config);
    Contract method = recipe.method().contract();
    if (rescale == DropRescale.DENSITY && !RANDOM_DROP.contains(method.name())) {
      throw new InvalidInput(
          "--dare-rescale density is for %s, and %s has merge_method: %s; leave it out"
              .formatted(String.join(" and ", RANDOM_DROP), config, method.name()));
    }
    MergeOptions options = new MergeOptions(likeMergekit, rescale, seed);
    try (MergePlan plan = MergePlan.of(recipe)) {
      OutputFile.requireFolder("OUT", out);
      MergeRun run = new MergeRun(plan, options, out, HfCheckpointWriter.SHARD_BYTES);
      long there = run.requireFree(resume || dryRun);
      PrintWriter text = spec.commandLine().getOut();
      plan.warnings().forEach(warning -> text.println("Note: " + warning));
      if (dryRun) {
        PlanText.lines(plan).forEach(text::println);
        summary(plan, options);
        return ExitCode.OK;
      }
      OutputFile.requireSpace("OUT", out, plan.bytes() - there);
      Optional<FrontTable> front;
      try (Progress progress = Progress.of("parameters", plan.parameters())) {
        front = run.write(resume, progress::worked);
      }
      text.printf(
          "%s: %s of %d models, %s%d tensors, %s%n",
          out,
          method.title(),
          plan.models().size(),
          front.map(table -> table.points().size() + " points, ").orElse(""),
          plan.tensors().size(),
          Bytes.text(plan.bytes()));
      front.ifPresent(table -> table.lines().forEach(text::println));
    }
    return verify ? report(Verification.of(out)) : ExitCode.OK;
  }

  private void summary(MergePlan plan, MergeOptions options) {
    double seconds = Estimate.of(plan, options).toNanos() / 1e9;
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%d tensors, %d parameters: reads %s, writes %s to %s, computes about %.1f s; the disk"
                + " adds its own%n",
            plan.tensors().size(),
            plan.parameters(),
            Bytes.text(plan.inputBytes()),
            Bytes.text(plan.bytes()),
            out,
            seconds);
  }

  private int report(Verification verification) {
    PrintWriter text = spec.commandLine().getOut();
    for (String file : verification.changedInputs()) {
      text.printf("Note: %s, which was merged, is gone or has changed since%n", file);
    }
    if (verification.differing().isEmpty()) {
      text.printf(
          "%s: read back, %d files of weights are as they were written%n",
          out, verification.files());
      return ExitCode.OK;
    }
    spec.commandLine()
        .getErr()
        .printf(
            "gemlab: %s is not what was written: %s; check the disk and merge again%n",
            out, String.join(", ", verification.differing()));
    return ExitCode.SOFTWARE;
  }
}
