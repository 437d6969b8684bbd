package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.option.AnswerOptions;
import io.gemlab.experiments.cli.option.ChatOptions;
import io.gemlab.experiments.cli.option.GemmaOptions;
import io.gemlab.experiments.cli.option.ModelOptions;
import io.gemlab.experiments.cli.terminal.Ending;
import io.gemlab.experiments.cli.terminal.Keyboard;
import io.gemlab.experiments.generate.Conversation;
import io.gemlab.experiments.generate.Statistics;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.generate.Answer;
import io.gemlab.graph.generate.Gemma2;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab chat}: a conversation with a checkpoint. */
@Command(
    name = "chat",
    description = {
      "Talk with a checkpoint: a line is a message, and the answer comes out as it is generated.",
      "Prompts are made by the checkpoint's own chat template: chat_template.jinja, or chat_template"
          + " of tokenizer_config.json; without one by Gemma's. An answer ends at the token that"
          + " the template writes behind one, and at those of eos_token_id and eos_token.",
      "Ctrl-C ends an answer; at the prompt it ends the program, as /quit and Ctrl-D do."
    })
final class ChatCommand implements Callable<Integer> {
  private static final String PROMPT = "> ";
  private static final String HELP =
      """
      /reset  forget what was said
      /quit   end, as Ctrl-D and Ctrl-C do here; during an answer Ctrl-C ends only that
      /help   this""";

  @Spec private CommandSpec spec;
  @Mixin private GemmaOptions model;
  @Mixin private AnswerOptions answer;
  @Mixin private ChatOptions chat;

  @Option(
      names = "--stats",
      description = "Say on standard error how long each answer took, and what memory.")
  private boolean stats;

  @Override
  public Integer call() throws IOException {
    model.requireTokenizer();
    PrintWriter err = spec.commandLine().getErr();
    try (Statistics statistics = stats ? new Statistics(err) : null;
        Gemma2 gemma = model.load(err);
        Keyboard keyboard = Keyboard.open(PROMPT)) {
      chat.check(gemma, model.checkpoint, err);
      if (stats) statistics.loaded();
      Conversation conversation = new Conversation(gemma, chat.opening(), answer.options());
      keyboard.onInterrupt(conversation::interrupt);
      err.println("/help says what there is beside talking");
      Optional<String> line = keyboard.line();
      while (line.isPresent() && !line.get().strip().equals("/quit")) {
        List<Answer> answers = reply(conversation, line.get().strip());
        if (stats && !answers.isEmpty()) {
          gemma.kernels().ifPresent(use -> ModelOptions.printKernelUse(err, use));
          statistics.answered(answers);
        }
        line = keyboard.line();
      }
      return 0;
    }
  }

  /** Does what a line says; gives the answer, if it asked for one. */
  private List<Answer> reply(Conversation conversation, String line) {
    PrintWriter err = spec.commandLine().getErr();
    switch (line) {
      case "" -> {}
      case "/help" -> err.println(HELP);
      case "/reset" -> conversation.reset();
      default -> {
        if (!line.startsWith("/")) return answer(conversation, line);
        err.println("there is no " + line + "; /help says what there is");
      }
    }
    return List.of();
  }

  private List<Answer> answer(Conversation conversation, String message) {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try {
      Answer given =
          conversation.say(
              message,
              piece -> {
                out.print(piece);
                out.flush();
              });
      out.println();
      Ending.print(err, given.tokens().finish(), "/reset begins anew");
      return List.of(given);
    } catch (InvalidInput | NotFiniteException e) {
      err.println(e.getMessage() + "; /reset begins anew");
      return List.of();
    }
  }
}
