package io.gemlab.experiments.cli;

import io.gemlab.experiments.choice.Choices;
import io.gemlab.graph.InvalidInput;
import io.gemlab.graph.gemma2.Gemma2Config;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Gemma2Presets;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.generate.GenerationMemory;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.attention.EagerAttention;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab memory}: what generating keeps in memory. */
@Command(
    name = "memory",
    description = {
      "Say what generating keeps in memory, by model and quantization: weights with their scales and"
          + " the key-value cache, added up over the state of the traced functions.",
      "No weights are needed. Activations and the runtime itself come on top."
    })
final class MemoryCommand implements Callable<Integer> {
  private static final double GIGA = 1e9;

  @Spec private CommandSpec spec;

  @Option(
      names = "--preset",
      split = ",",
      defaultValue = "gemma2-2b,gemma2-9b,gemma2-27b",
      paramLabel = "NAME",
      description = "Models, with commas between. Default: ${DEFAULT-VALUE}.")
  private List<String> presets;

  @Option(
      names = "--dtype",
      defaultValue = "bfloat16",
      paramLabel = "TYPE",
      description = "bfloat16, float32 or float16, to keep in. Default: ${DEFAULT-VALUE}.")
  private String dtype;

  @Option(
      names = "--length",
      defaultValue = "8192",
      paramLabel = "N",
      description = "Positions of the cache. Default: ${DEFAULT-VALUE}.")
  private int length;

  @Option(
      names = "--batch",
      defaultValue = "1",
      paramLabel = "N",
      description = "Rows of the cache. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Override
  public Integer call() {
    List<Gemma2Config> configs = presets.stream().map(Gemma2Presets::config).toList();
    if (batch < 1) throw new InvalidInput("--batch is " + batch + "; give 1 or more");
    for (Gemma2Config config : configs) {
      if (length < 1 || length > config.maxPositionEmbeddings()) {
        throw new InvalidInput(
            "--length is " + length + "; give 1 to " + config.maxPositionEmbeddings());
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "| GB (10^9 bytes), %d x %d positions | embedding | layers | cache | total |"
            + " cache without rings |%n| --- | --: | --: | --: | --: | --: |%n",
        batch, length);
    for (int i = 0; i < configs.size(); i++) {
      for (Quantization quantization : Quantization.values()) {
        Gemma2Model<?> model =
            new Gemma2Model<>(
                configs.get(i),
                OpChoice.of(new EagerAttention()),
                Choices.precision(dtype).type(),
                quantization);
        GenerationMemory memory = GenerationMemory.of(model, batch, length);
        String kept = quantization == Quantization.NONE ? dtype : quantization.label();
        out.printf(
            Locale.ROOT,
            "| %s %s | %.2f | %.2f | %.2f | **%.2f** | %.2f |%n",
            presets.get(i),
            kept,
            memory.embedding() / GIGA,
            memory.layers() / GIGA,
            memory.cache() / GIGA,
            memory.total() / GIGA,
            memory.cacheWithoutRings() / GIGA);
      }
    }
    return 0;
  }
}
