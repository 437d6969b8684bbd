package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.option.OutputFile;
import io.gemlab.experiments.cli.terminal.Progress;
import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.Corpus;
import io.gemlab.graph.base.text.TokenFileHeader;
import io.gemlab.graph.base.text.TokenFileWriter;
import io.gemlab.graph.base.text.TokenFileWriter.NamedTokenizer;
import io.gemlab.graph.base.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab tokens}: a corpus encoded once, for training runs that map it. */
@Command(
    name = "tokens",
    description = {
      "Write a corpus as token ids: unsigned 16 bits each where the vocabulary has 65,536 tokens or"
          + " fewer, else 32, lowest byte first, nothing before or between them; BOS in front of each"
          + " document and EOS behind it. FILE.json beside it says what it holds.",
      "A recipe of gemlab train names it as its corpus. It may be larger than memory."
    })
final class TokensCommand implements Callable<Integer> {
  private static final String SUFFIX = ".bin";

  /** The bar then counts without an end. */
  private static final int UNKNOWN = -1;

  @Spec private CommandSpec spec;

  @Option(
      names = "--corpus",
      required = true,
      paramLabel = "CORPUS",
      description = "built-in, a text file, a folder of .txt, or FILE.jsonl:FIELD.")
  private String corpus;

  @Option(
      names = "--tokenizer",
      required = true,
      paramLabel = "FILE",
      description = "bytes, a tokenizer.json, a tokenizer.model, or a folder with one.")
  private String tokenizer;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "A file whose name ends with .bin; one that is there is replaced.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    if (!out.toString().endsWith(SUFFIX)) {
      throw new InvalidInput(
          "--out %s: name a file that ends with %s, by which recipes know it"
              .formatted(out, SUFFIX));
    }
    if (corpus.endsWith(SUFFIX) || corpus.endsWith(".jsonl")) {
      throw new InvalidInput(
          "--corpus %s is no text; name one, such as FILE.jsonl:FIELD".formatted(corpus));
    }
    OutputFile.requireWritable("--out", out);
    OutputFile.requireWritable("--out", TokenFileHeader.beside(out));
    Corpus text = DataSpec.openCorpus(corpus);
    TokenFileHeader written;
    try (Tokenizer opened = DataSpec.openTokenizer(tokenizer);
        Progress progress = Progress.of("tokens", UNKNOWN)) {
      written =
          TokenFileWriter.write(
              text,
              new NamedTokenizer(opened, tokenizer, DataSpec.tokenizerSha256(tokenizer)),
              out,
              progress::at);
    }
    spec.commandLine()
        .getOut()
        .printf(
            "%s: %d tokens of %d documents, %s%n",
            out, written.tokens(), written.documents(), written.type().label());
    return 0;
  }
}
