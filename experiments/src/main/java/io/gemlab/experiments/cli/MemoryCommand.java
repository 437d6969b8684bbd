package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.option.PresetNames;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.ModelSource;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.decode.GenerationMemory;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.Precision;
import io.gemlab.ops.attention.EagerAttention;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
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
  private static final double MEGA = 1e6;

  /** Below this many bytes in all, two decimals of a gigabyte say nothing. */
  private static final double SMALL = 1e8;

  /** Positions where none are asked for and the model has no fewer. */
  private static final int POSITIONS = 8192;

  /** Ways to keep weights, each another memory. */
  private static final List<Quantization> KEPT =
      List.of(Quantization.NONE, Quantization.INT8, Quantization.INT4);

  @Spec private CommandSpec spec;

  @ArgGroup private Source source = new Source();

  /** Where the sizes come from. */
  private static final class Source {
    @Option(
        names = "--preset",
        split = ",",
        paramLabel = "NAME",
        description =
            "Models, with commas between: ${COMPLETION-CANDIDATES}. Default: the first three.",
        completionCandidates = PresetNames.class)
    private List<String> presets = List.of("gemma2-2b", "gemma2-9b", "gemma2-27b");

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description = "A Hugging Face config.json instead.")
    private Path config;

    List<ModelSource> models() {
      return config == null
          ? presets.stream().map(ModelSource::preset).toList()
          : List.of(ModelSource.file(config));
    }
  }

  @Option(
      names = "--dtype",
      defaultValue = "bfloat16",
      paramLabel = "TYPE",
      description = "bfloat16, float32 or float16, to keep in. Default: ${DEFAULT-VALUE}.")
  private String dtype;

  @Option(
      names = "--length",
      paramLabel = "N",
      description =
          "Positions of the cache. Default: 8192, or the model's context if that is less.")
  private Integer length;

  @Option(
      names = "--batch",
      defaultValue = "1",
      paramLabel = "N",
      description = "Rows of the cache. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Override
  public Integer call() {
    if (batch < 1) throw new InvalidInput("--batch is " + batch + "; give 1 or more");
    List<Row> rows = source.models().stream().flatMap(model -> rows(model).stream()).toList();
    boolean small = rows.stream().anyMatch(row -> row.memory().total() < SMALL);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "| %s, %s | positions | embedding | layers | cache | total | cache without rings |%n"
            + "| --- | --: | --: | --: | --: | --: | --: |%n",
        small ? "MB (10^6 bytes)" : "GB (10^9 bytes)", batch == 1 ? "1 row" : batch + " rows");
    for (Row row : rows) out.println(row.line(small ? MEGA : GIGA));
    return 0;
  }

  /** A model kept one way. */
  private record Row(String name, int positions, GenerationMemory memory) {
    String line(double unit) {
      return String.format(
          Locale.ROOT,
          "| %s | %d | %.2f | %.2f | %.2f | **%.2f** | %.2f |",
          name,
          positions,
          memory.embedding() / unit,
          memory.layers() / unit,
          memory.cache() / unit,
          memory.total() / unit,
          memory.cacheWithoutRings() / unit);
    }
  }

  private List<Row> rows(ModelSource source) {
    Gemma2Config config = source.config();
    int context = config.maxPositionEmbeddings();
    if (length != null && (length < 1 || length > context)) {
      throw new InvalidInput(
          "--length is %d; %s has positions for 1 to %d".formatted(length, source.name(), context));
    }
    int positions = length == null ? Math.min(POSITIONS, context) : length;
    Precision precision = Choices.precision(dtype);
    List<Row> rows = new ArrayList<>();
    for (Quantization quantization : KEPT) {
      Gemma2Model<?> model =
          new Gemma2Model<>(
              config, OpChoice.of(new EagerAttention()), precision.type(), quantization);
      String type = quantization == Quantization.NONE ? precision.label() : quantization.label();
      rows.add(
          new Row(
              source.name() + " " + type, positions, GenerationMemory.of(model, batch, positions)));
    }
    return rows;
  }
}
