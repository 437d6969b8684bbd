package io.gemlab.experiments.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.cli.option.ModelSourceOptions;
import io.gemlab.experiments.cli.option.OutputFile;
import io.gemlab.experiments.cli.terminal.Progress;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.ModelSource;
import io.gemlab.graph.base.files.WholeFolder;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.base.text.Tokenizers;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.weights.FreshCheckpoint;
import io.gemlab.reports.Numbers;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab random-checkpoint}: true shapes without the published weights. */
@Command(
    name = "random-checkpoint",
    description = {
      "Write a checkpoint of random weights in Hugging Face's format: safetensors with an index,"
          + " config.json, generation_config.json, and a tokenizer if one is given.",
      "For measuring speed and memory at a real size; what it generates means nothing."
    })
final class RandomCheckpointCommand implements Callable<Integer> {
  private static final double MILLION = 1e6;

  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private ModelSourceOptions source;

  @Option(
      names = "--vocab-size",
      paramLabel = "N",
      description =
          "Tokens in the vocabulary, such as a --tokenizer's: 256000 for Gemma's. Default: the"
              + " model's own.")
  private Integer vocabSize;

  @Option(
      names = "--dtype",
      defaultValue = "bfloat16",
      paramLabel = "TYPE",
      description = "What weights are stored as. Default: ${DEFAULT-VALUE}.")
  private String dtype;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = "A tokenizer.json, a tokenizer.model or a folder with one, to copy there.")
  private Path tokenizer;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the checkpoint; new or empty.")
  private Path out;

  @Override
  public Integer call() {
    Gemma2Config config = config();
    ElementType stored = Tensors.elementType(Choices.precision(dtype).type());
    FreshCheckpoint checkpoint =
        new FreshCheckpoint(
            config, seed, stored, tokenizer == null ? Map.of() : tokenizerFiles(config));
    OutputFile.requireFolder("--out", out);
    WholeFolder.requireFree(out);
    long parameters = WeightSpec.parameters(config);
    OutputFile.requireSpace("--out", out, parameters * stored.byteSize());
    try (Progress progress = Progress.of("parameters", parameters)) {
      checkpoint.write(out, progress::worked);
    }
    spec.commandLine()
        .getOut()
        .printf(
            "%s: %s million parameters in %s%n",
            out, Numbers.significant(parameters / MILLION, 3), stored.label());
    return 0;
  }

  /** The model's config, with another vocabulary where one is asked for. */
  private Gemma2Config config() {
    ModelSource model = source.model();
    if (vocabSize == null) return model.config();
    ObjectNode json = ConfigJson.write(model.config()).put("vocab_size", vocabSize);
    Gemma2Config config = ConfigJson.read(json, model.name());
    int largest =
        Math.max(
            Collections.max(config.tokens().eos()),
            Math.max(config.tokens().bos(), config.tokens().pad()));
    if (vocabSize <= largest) {
      throw new InvalidInput(
          "--vocab-size is %d, but there is a special token with id %d; give %d or more"
              .formatted(vocabSize, largest, largest + 1));
    }
    return config;
  }

  /** The tokenizer's files, once it is seen to fit the model. */
  private Map<String, Path> tokenizerFiles(Gemma2Config config) {
    try (Tokenizer opened = Tokenizers.open(tokenizer)) {
      if (opened.vocabularySize() > config.vocabSize()) {
        throw new InvalidInput(
            "--tokenizer %s has %d tokens and the model %d; give --vocab-size %2$d"
                .formatted(tokenizer, opened.vocabularySize(), config.vocabSize()));
      }
    }
    return Tokenizers.files(tokenizer);
  }
}
