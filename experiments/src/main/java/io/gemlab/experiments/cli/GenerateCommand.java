package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.option.AnswerOptions;
import io.gemlab.experiments.cli.option.ChatOptions;
import io.gemlab.experiments.cli.option.GemmaOptions;
import io.gemlab.experiments.cli.option.ModelOptions;
import io.gemlab.experiments.cli.option.OutputFile;
import io.gemlab.experiments.cli.terminal.Ending;
import io.gemlab.experiments.generate.Statistics;
import io.gemlab.experiments.generate.TokenRows;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.generate.Answer;
import io.gemlab.graph.generate.Gemma2;
import io.gemlab.graph.generate.Generation;
import io.gemlab.graph.generate.GenerationOptions;
import io.gemlab.graph.generate.Prompt;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab generate}: what a checkpoint goes on with. */
@Command(
    name = "generate",
    description = {
      "Generate what follows a text, which comes out as it is generated, or what follows rows of"
          + " token ids: {\"output_ids\": [[...]]}, the new tokens only.",
      "Greedy unless --temperature is above 0. Ends at eos_token_id of generation_config.json; why a"
          + " text ended otherwise is said on standard error, and of ids in finish_reasons."
    })
final class GenerateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private GemmaOptions model;
  @Mixin private AnswerOptions answer;

  @ArgGroup(multiplicity = "1")
  private Source source;

  /** What is gone on with. */
  private static final class Source {
    @Option(
        names = "--prompt",
        paramLabel = "TEXT",
        description = "A text; special tokens in it are parsed, and BOS is put in front.")
    private String prompt;

    @Option(
        names = "--ids",
        paramLabel = "FILE",
        description =
            "JSON: {\"input_ids\": [[...]], \"attention_mask\": [[...]]}, generated with as a batch;"
                + " padding (mask 0) may stand on either side.")
    private Path ids;
  }

  @Option(
      names = "--chat",
      description =
          "The prompt is what a user says: put it into the checkpoint's own chat template"
              + " (chat_template.jinja, or chat_template of tokenizer_config.json; without one"
              + " Gemma's), and end also at the token that the template writes behind an answer and"
              + " at the tokenizer's eos_token.")
  private boolean chat;

  @Mixin private ChatOptions conversation;

  @Option(
      names = "--log-probabilities",
      description = "Write the new tokens' log-probabilities beside their ids.")
  private boolean logProbabilities;

  @Option(
      names = "--out",
      paramLabel = "FILE.json",
      description = "Where the new tokens' ids go. Default: with --ids standard output.")
  private Path out;

  @Option(
      names = "--stats",
      description = "Say on standard error how long it took, and what memory.")
  private boolean stats;

  @Override
  public Integer call() throws IOException {
    GenerationOptions options = answer.options();
    if (logProbabilities) options = options.withLogProbabilities();
    if (out != null) OutputFile.requireWritable("--out", out);
    boolean json = source.ids != null || out != null;
    if (logProbabilities && !json) {
      throw new InvalidInput("--log-probabilities are written beside ids; give --out FILE.json");
    }
    List<Prompt> prompts = prompts();
    PrintWriter err = spec.commandLine().getErr();
    try (Statistics statistics = stats ? new Statistics(err) : null;
        Gemma2 gemma = model.load(err)) {
      if (stats) statistics.loaded();
      if (chat) conversation.check(gemma, model.checkpoint, err);
      List<Answer> answers =
          source.ids != null
              ? gemma.generate(prompts, options)
              : List.of(print(gemma.start(prompts.getFirst(), options)));
      if (source.ids == null) {
        Ending.print(err, answers.getFirst().tokens().finish(), "give a shorter prompt");
      }
      gemma.kernels().ifPresent(use -> ModelOptions.printKernelUse(err, use));
      if (json) write(TokenRows.json(answers, logProbabilities));
      if (stats) statistics.answered(answers);
      return 0;
    }
  }

  private List<Prompt> prompts() {
    if (conversation.isGiven() && !chat) {
      throw new InvalidInput("--system means nothing without --chat; give both");
    }
    if (source.ids != null) {
      if (chat) throw new InvalidInput("--chat means nothing with --ids; leave it out");
      return TokenRows.read(source.ids, model.checkpoint);
    }
    model.requireTokenizer();
    return List.of(
        chat ? Prompt.chat(conversation.conversation(source.prompt)) : Prompt.text(source.prompt));
  }

  /** Prints an answer piece by piece, until it ends or nobody reads it any more. */
  private Answer print(Generation generation) {
    PrintWriter writer = spec.commandLine().getOut();
    try (Stream<String> pieces = generation.stream()) {
      Iterator<String> each = pieces.iterator();
      while (each.hasNext() && !writer.checkError()) {
        writer.print(each.next());
        writer.flush();
      }
    }
    writer.println();
    return generation.join();
  }

  private void write(String json) throws IOException {
    if (out == null) spec.commandLine().getOut().println(json);
    else WholeFile.write(out, (json + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
