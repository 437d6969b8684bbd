package io.gemlab.experiments.cli;

import io.gemlab.experiments.generate.Conversation;
import io.gemlab.experiments.generate.Statistics;
import io.gemlab.graph.InvalidInput;
import io.gemlab.graph.generate.Answer;
import io.gemlab.graph.generate.Gemma2;
import io.gemlab.graph.text.ChatTemplate;
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
      new ChatTemplate(gemma.tokenizer()); // refuses here what it would refuse at the first message
      if (stats) statistics.loaded();
      Conversation conversation = new Conversation(gemma, answer.options());
      keyboard.onInterrupt(conversation::interrupt);
      err.println("/help says what there is beside talking");
      Optional<String> line = keyboard.line();
      while (line.isPresent() && !line.get().strip().equals("/quit")) {
        List<Answer> answers = reply(conversation, line.get().strip());
        if (stats && !answers.isEmpty()) statistics.answered(answers);
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
      switch (given.tokens().finish()) {
        case CANCELLED -> err.println("(stopped)");
        case LENGTH -> err.println("(cut; --max-new-tokens allows more)");
        case CONTEXT -> err.println("(the model's context is full; /reset begins anew)");
        case STOP_TOKEN, STOP_STRING -> {}
      }
      return List.of(given);
    } catch (InvalidInput e) {
      err.println(e.getMessage() + "; /reset begins anew");
      return List.of();
    }
  }
}
