package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.option.GemmaOptions;
import io.gemlab.experiments.cli.terminal.Interruption;
import io.gemlab.experiments.serve.batch.ModelService;
import io.gemlab.experiments.serve.http.ApiServer;
import io.gemlab.experiments.serve.http.ServerOptions;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.decode.GenerationMemory;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.generate.Gemma2;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab serve}: OpenAI's HTTP routes for a checkpoint. */
@Command(
    name = "serve",
    description = {
      "Answer OpenAI's HTTP routes with a checkpoint: /v1/completions (with echo and logprobs, so that"
          + " evaluation tools score it), /v1/chat/completions for models that know turns, /v1/models"
          + " and /health. Requests are computed together as they come.",
      "Listens at this machine alone unless --host says otherwise. Ctrl-C and SIGTERM end it: open"
          + " requests have 20 seconds to end in."
    })
final class ServeCommand implements Callable<Integer> {
  private static final String TOKEN = "GEMLAB_TOKEN";
  private static final int POSITIONS = 2048;
  private static final int LOOK_MILLIS = 100;

  @Spec private CommandSpec spec;
  @Mixin private GemmaOptions model;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      paramLabel = "NAME",
      description =
          "Where to listen: 0.0.0.0 for all of this machine's addresses. Default:"
              + " ${DEFAULT-VALUE}.")
  private String host;

  @Option(
      names = "--port",
      defaultValue = "8000",
      paramLabel = "N",
      description = "Its port; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "File with the bearer token that clients must send. Default: what the environment's "
              + TOKEN
              + " holds; without one everybody is answered.")
  private Path tokenFile;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What clients call the model. Default: the name of the checkpoint's folder.")
  private String name;

  @Option(
      names = "--max-batch",
      defaultValue = "16",
      paramLabel = "N",
      description =
          "Answers that are generated at once; each keeps a row of the cache. Default:"
              + " ${DEFAULT-VALUE}.")
  private int maxBatch;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description =
          "Tokens that a prompt and its answer may have. Default: 2048, or the model's context where"
              + " that is shorter.")
  private Integer maxLength;

  @Option(
      names = "--max-queue",
      defaultValue = "256",
      paramLabel = "N",
      description =
          "Answers that wait, and texts that wait to be scored; what comes beyond is refused with"
              + " 429. Default: ${DEFAULT-VALUE}.")
  private int maxQueue;

  @Override
  public Integer call() throws IOException, InterruptedException {
    model.requireTokenizer();
    if (maxQueue < 1) {
      throw new InvalidInput("--max-queue is %d; give 1 or more".formatted(maxQueue));
    }
    ServerOptions options = ServerOptions.of(host, port, token());
    PrintWriter err = spec.commandLine().getErr();
    try (Interruption interruption = new Interruption(() -> {});
        Gemma2 gemma =
            model.load(
                err,
                loaded -> GenerationMemory.ofSlots(loaded, maxBatch, positions(loaded.config())));
        ModelService service =
            new ModelService(name(), gemma, maxBatch, positions(gemma.config()), maxQueue);
        ApiServer server = ApiServer.start(service, options)) {
      interruption.unsaved(true); // what is open ends before the process does
      say(service, server.address(), options);
      while (!interruption.requested()) Thread.sleep(LOOK_MILLIS);
      err.println("gemlab: stopping; open requests may end");
    }
    return 0;
  }

  private int positions(Gemma2Config config) {
    if (maxBatch < 1) {
      throw new InvalidInput("--max-batch is %d; give 1 or more".formatted(maxBatch));
    }
    int context = config.maxPositionEmbeddings();
    if (maxLength == null) return Math.min(POSITIONS, context);
    if (maxLength >= 1 && maxLength <= context) return maxLength;
    throw new InvalidInput(
        "--max-length is %d; give 1 to %d, the model's context (max_position_embeddings)"
            .formatted(maxLength, context));
  }

  private String name() {
    return name != null
        ? name
        : model.checkpoint.toAbsolutePath().normalize().getFileName().toString();
  }

  private Optional<String> token() {
    if (tokenFile == null) {
      return Optional.ofNullable(System.getenv(TOKEN)).map(String::strip).filter(s -> !s.isEmpty());
    }
    try {
      String token = Files.readString(tokenFile).strip();
      if (token.isEmpty() || token.lines().count() > 1) {
        throw new InvalidInput(tokenFile + " is no token; put one line into it");
      }
      return Optional.of(token);
    } catch (IOException e) {
      throw InvalidInput.unreadable(tokenFile, e);
    }
  }

  private void say(ModelService service, InetSocketAddress at, ServerOptions options) {
    PrintWriter out = spec.commandLine().getOut();
    String who =
        at.getHostString().contains(":") ? "[" + at.getHostString() + "]" : at.getHostString();
    out.printf("serving %s at http://%s:%d/v1%n", service.name(), who, at.getPort());
    out.printf(
        "%d answers at once, %d tokens each; at most %d programs are compiled, each when it is first"
            + " needed%n",
        maxBatch, service.positions(), service.mostPrograms());
    if (!service.chats()) out.println("the model knows no turns: no /v1/chat/completions");
    if (options.token().isEmpty() && !at.getAddress().isLoopbackAddress()) {
      out.println(
          "without a token everybody who reaches it is answered; --token-file changes that");
    }
    out.flush();
  }
}
