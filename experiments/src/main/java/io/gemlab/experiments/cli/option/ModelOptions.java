package io.gemlab.experiments.cli.option;

import io.gemlab.experiments.crosscheck.ModelChoice;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.graph.generate.LoadOptions;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.KernelUse;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.Precision;
import io.gemlab.ops.choice.Deviation;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Flags of the commands that run a checkpoint on given tokens. */
public final class ModelOptions {
  /** A switch of the command line. */
  enum OnOff {
    ON,
    OFF
  }

  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "Hugging Face folder: config.json and safetensors.")
  public Path checkpoint;

  @Option(
      names = "--ids",
      required = true,
      paramLabel = "FILE",
      description =
          "JSON: {\"input_ids\": [[...]], \"attention_mask\": [[...]]}; no mask, no padding.")
  public Path ids;

  @Mixin private PathOptions running;

  @Option(
      names = "--dtype",
      defaultValue = "float32",
      paramLabel = "TYPE",
      description = "float32, bfloat16 or float16, to compute in. Default: ${DEFAULT-VALUE}.")
  private String dtype;

  @Option(
      names = "--softcap",
      defaultValue = "on",
      paramLabel = "on|off",
      description = "off: neither the attention's cap nor the logits'. Default: ${DEFAULT-VALUE}.")
  private OnOff softcap;

  /** What is asked for, weights as floats; says on {@code err} what to mind about it. */
  public ModelChoice choice(PrintWriter err) {
    return choice(err, Quantization.NONE);
  }

  /** The same, weights kept as {@code quantization} has it. */
  public ModelChoice choice(PrintWriter err, Quantization quantization) {
    Precision precision = Choices.precision(dtype);
    precision.caution().ifPresent(caution -> caution(err, caution));
    return new ModelChoice(
        new LoadOptions(precision, quantization, running.path(checkpoint), running.choice()),
        softcap == OnOff.ON);
  }

  /** Says what to mind about the results. */
  public static void caution(PrintWriter err, String what) {
    err.println("caution: " + what);
  }

  /** Says what ran otherwise than the checkpoint asks. */
  static void printDeviation(PrintWriter err, Optional<Deviation> deviation) {
    deviation.ifPresent(
        what ->
            err.printf(
                "deviation: %s: asked %s, ran %s: %s%n",
                what.part(), what.asked(), what.ran(), what.reason()));
  }

  /** Says what really ran. */
  public static void printExecution(
      PrintWriter err, ExecutionReport execution, Optional<Deviation> deviation) {
    printDeviation(err, deviation);
    err.printf(
        "ran on the %s path: %d of %d nodes executed one by one, %d XLA programs, first call %.1f s%n",
        execution.path(),
        execution.executed(),
        execution.nodes(),
        execution.xlaClusters(),
        execution.firstCall().toMillis() / 1e3);
    if (execution.kernels().places() > 0) printKernelUse(err, execution.kernels());
    if (!execution.products().products().isEmpty()) {
      err.println("products: " + execution.products().described());
    }
    execution.notes().forEach(err::println);
  }

  /** Says how many values kernels computed, or why none. */
  public static void printKernelUse(PrintWriter err, KernelUse kernels) {
    err.println("Gemlab kernels: " + kernels.described());
  }
}
