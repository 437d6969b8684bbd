package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.option.ModelOptions;
import io.gemlab.experiments.cli.option.OutputFile;
import io.gemlab.experiments.cli.option.QuantizeOption;
import io.gemlab.experiments.cli.terminal.LoadingBar;
import io.gemlab.experiments.crosscheck.LogitsRun;
import io.gemlab.experiments.crosscheck.RunListener;
import io.gemlab.graph.gemma2.ForwardPass;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab logits}: what a checkpoint computes for given tokens. */
@Command(
    name = "logits",
    description = {
      "Write the logits of a checkpoint, float32 [B, T, V], to a safetensors file.",
      "With --hidden-states also hidden.embed (the scaled embeddings), hidden.layer0... (each"
          + " layer's output) and hidden.final_norm."
    })
final class LogitsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelOptions model;
  @Mixin private QuantizeOption quantize;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE.safetensors",
      description = "Where to write.")
  private Path out;

  @Option(names = "--hidden-states", description = "Write the hidden states too.")
  private boolean hiddenStates;

  @Override
  public Integer call() {
    LogitsRun run =
        new LogitsRun(
            model.checkpoint,
            model.ids,
            model.choice(spec.commandLine().getErr(), quantize.quantization()),
            hiddenStates ? ForwardPass.Returns.HIDDEN_STATES : ForwardPass.Returns.LOGITS_ONLY);
    OutputFile.requireWritable("--out", out);
    LogitsRun.Outcome outcome;
    try (LoadingBar loading = new LoadingBar()) {
      outcome = run.write(out, listener(loading));
    }
    ModelOptions.printExecution(
        spec.commandLine().getErr(), outcome.execution(), outcome.deviation());
    spec.commandLine()
        .getOut()
        .printf(
            "%s: logits of %d x %d tokens%n",
            out, outcome.batch().rows(), outcome.batch().length());
    return 0;
  }

  private RunListener listener(LoadingBar loading) {
    return new RunListener() {
      @Override
      public void caution(String what) {
        ModelOptions.caution(spec.commandLine().getErr(), what);
      }

      @Override
      public void loaded(long parameters, long all) {
        loading.loaded(parameters, all);
      }
    };
  }
}
