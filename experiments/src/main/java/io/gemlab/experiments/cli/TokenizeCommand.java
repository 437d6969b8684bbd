package io.gemlab.experiments.cli;

import io.gemlab.experiments.generate.TokenLines;
import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.base.text.Tokenizers;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab tokenize}: texts to token ids and back. */
@Command(
    name = "tokenize",
    description = {
      "For each line {\"text\": ...} of standard input write a line {\"ids\": [...]}: special tokens"
          + " in the text are parsed as Hugging Face's tokenizers do, and no BOS is added.",
      "A line that can't be read ends it with exit code 2; the lines before it are answered."
    })
final class TokenizeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--tokenizer",
      required = true,
      paramLabel = "FILE",
      description = "A tokenizer.json, a tokenizer.model, or a folder with one.")
  private Path tokenizer;

  @Option(names = "--decode", description = "The other way: {\"ids\": [...]} to {\"text\": ...}.")
  private boolean decode;

  @Override
  public Integer call() {
    try (Tokenizer opened = Tokenizers.open(tokenizer)) {
      (decode ? TokenLines.DECODE : TokenLines.ENCODE)
          .run(opened, System.in, spec.commandLine().getOut());
    }
    return 0;
  }
}
