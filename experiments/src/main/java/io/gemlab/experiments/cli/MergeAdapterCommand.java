package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.option.OutputFile;
import io.gemlab.experiments.cli.terminal.Progress;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.graph.base.adapter.AdapterFolder;
import io.gemlab.graph.base.adapter.MergedCheckpoint;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.files.WholeFolder;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.runtime.Tensors;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab merge-adapter}: a checkpoint with an adapter in its weights. */
@Command(
    name = "merge-adapter",
    description = {
      "Add a LoRA adapter in PEFT's format to the weights of the checkpoint that it was trained"
          + " from, W + alpha / r * B A, and write the checkpoint that comes out.",
      "Sums are made in float64, tensor by tensor; the model may be larger than memory."
    })
final class MergeAdapterCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "The base model in Hugging Face's format.")
  private Path checkpoint;

  @Option(
      names = "--adapter",
      required = true,
      paramLabel = "DIR",
      description = "Folder with adapter_config.json and adapter_model.safetensors.")
  private Path adapter;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the checkpoint; new or empty.")
  private Path out;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "What weights are stored as. Default: as they are in --checkpoint.")
  private String dtype;

  @Override
  public Integer call() {
    Optional<ElementType> stored =
        Optional.ofNullable(dtype).map(word -> Tensors.elementType(Choices.precision(word).type()));
    try (AdapterFolder factors = AdapterFolder.open(adapter);
        HfCheckpoint base = HfCheckpoint.open(checkpoint)) {
      Gemma2Config config = ConfigJson.read(base.files().config(), checkpoint.toString());
      base.requireExactly(WeightSpec.shapes(config));
      MergedCheckpoint merged = new MergedCheckpoint(base, factors, stored);
      OutputFile.requireFolder("--out", out);
      WholeFolder.requireFree(out);
      OutputFile.requireSpace("--out", out, merged.bytes());
      try (Progress progress = Progress.of("parameters", merged.parameters())) {
        merged.write(out, progress::worked);
      }
      report(merged, factors);
    }
    return 0;
  }

  private void report(MergedCheckpoint merged, AdapterFolder factors) {
    PrintWriter text = spec.commandLine().getOut();
    text.printf(
        "%s: %s with %s of rank %d added to %d matrices%n",
        out, checkpoint, adapter, factors.lora().rank(), factors.weights().size());
    for (ElementType type : merged.rounded()) {
      text.printf(
          "Sums are rounded to %s, which drops what is small beside a weight; --dtype float32"
              + " keeps it%n",
          type.label());
    }
  }
}
