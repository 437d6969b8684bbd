package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.terminal.StandardError;
import io.gemlab.experiments.cli.terminal.StandardOutput;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code gemlab COMMAND}. Exit codes: 0 done, 1 failed while running, 2 wrong usage or input. */
@Command(
    name = "gemlab",
    description = "Gemma 2 once, as a TensorFlow Java graph, on every path; and experiments on it.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = ScopeType.INHERIT,
    usageHelpAutoWidth = true,
    subcommands = {
      AblateCommand.class,
      TrainCommand.class,
      EvalCommand.class,
      ServeCommand.class,
      CompileCommand.class,
      ReportCommand.class,
      LogitsCommand.class,
      StepCommand.class,
      ConformanceCommand.class,
      GenerateCommand.class,
      ChatCommand.class,
      TokenizeCommand.class,
      TokensCommand.class,
      TeacherCommand.class,
      MergeCommand.class,
      MergeAdapterCommand.class,
      RandomCheckpointCommand.class,
      BenchCommand.class,
      MemoryCommand.class,
      DoctorCommand.class,
      HelpCommand.class,
    })
public final class Main {
  private static final int MOST_THREADS = 9999;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error, and all that TensorFlow and the JVM log.")
  private boolean verbose;

  @Option(
      names = "--threads",
      scope = ScopeType.INHERIT,
      paramLabel = "N",
      description =
          "Threads that compute, in this process and each that it starts. Default: one for each core.")
  private Integer threads;

  private Main() {}

  /** Runs a command and ends the process with its exit code. Writes UTF-8, whatever the locale. */
  public static void main(String[] arguments) {
    StandardError.direct();
    StandardOutput standard = new StandardOutput();
    PrintWriter out = new PrintWriter(standard, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int exitCode = run(arguments, out, err);
    out.flush();
    if (exitCode == CommandLine.ExitCode.OK && standard.failure().isPresent()) {
      err.println("gemlab: writing to standard output failed: " + standard.failure().get());
      exitCode = CommandLine.ExitCode.SOFTWARE;
    }
    System.exit(exitCode);
  }

  /** Runs a command; answers its exit code. */
  static int run(String[] arguments, PrintWriter out, PrintWriter err) {
    return commandLine().setOut(out).setErr(err).execute(arguments);
  }

  /** The commands. */
  static CommandLine commandLine() {
    Main main = new Main();
    IExecutionExceptionHandler oneLine =
        (failure, command, _) -> main.report(failure, command.getErr());
    return new CommandLine(main)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionStrategy(main::execute)
        .setParameterExceptionHandler(Main::misused)
        .setExecutionExceptionHandler(oneLine);
  }

  /** Runs a command or prints its help; {@code --help} does not make an unknown command known. */
  private int execute(ParseResult parsed) {
    if (!parsed.unmatched().isEmpty()) {
      throw new UnmatchedArgumentException(parsed.commandSpec().commandLine(), parsed.unmatched());
    }
    requireThreads(parsed);
    return new CommandLine.RunLast().execute(parsed);
  }

  /** Java has them from its start on, by {@code ./gemlab}. */
  private void requireThreads(ParseResult all) {
    int there = Runtime.getRuntime().availableProcessors();
    if (threads == null || threads == there) return;
    ParseResult parsed = all;
    while (parsed.hasSubcommand()) parsed = parsed.subcommand();
    throw new CommandLine.ParameterException(
        parsed.commandSpec().commandLine(),
        threads < 1 || threads > MOST_THREADS
            ? "--threads is %d; give 1 to %d".formatted(threads, MOST_THREADS)
            : "--threads is %d and Java was started with %d; start it by ./gemlab, or with -XX:ActiveProcessorCount=%1$d"
                .formatted(threads, there));
  }

  /** One line for wrong usage, and where to read more. */
  private static int misused(CommandLine.ParameterException first, String[] arguments) {
    CommandLine.ParameterException misuse =
        first instanceof CommandLine.MissingParameterException
            ? unmatched(arguments).orElse(first)
            : first;
    String command = misuse.getCommandLine().getCommandSpec().qualifiedName();
    first
        .getCommandLine()
        .getErr()
        .println(
            "%s: %s%s (%s --help says more)"
                .formatted(command, firstLine(misuse), suggestion(misuse), command));
    return CommandLine.ExitCode.USAGE;
  }

  /** What is unknown on a line that lacks something too: that may be the missing word, misspelt. */
  private static Optional<CommandLine.ParameterException> unmatched(String[] arguments) {
    CommandLine lenient = commandLine();
    lenient
        .getSubcommands()
        .values()
        .forEach(command -> command.getCommandSpec().parser().collectErrors(true));
    return lenient.parseArgs(arguments).subcommand().errors().stream()
        .filter(UnmatchedArgumentException.class::isInstance)
        .map(CommandLine.ParameterException.class::cast)
        .findFirst();
  }

  private static String suggestion(CommandLine.ParameterException misuse) {
    return misuse instanceof UnmatchedArgumentException unmatched
        ? unmatched.getSuggestions().stream()
            .findFirst()
            .map(near -> "; did you mean " + near + "?")
            .orElse("")
        : "";
  }

  /** One line for what went wrong while running. */
  private int report(Exception failure, PrintWriter err) {
    if (verbose) failure.printStackTrace(err);
    if (failure instanceof InvalidInput || failure instanceof UnsupportedChoiceException) {
      err.println("gemlab: " + failure.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    String what = firstLine(failure);
    if (failure instanceof UncheckedIOException io) what += ": " + described(io.getCause());
    err.println("gemlab: " + what + (verbose ? "" : " (--verbose shows where)"));
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static String described(IOException failure) {
    return switch (failure) {
      case NoSuchFileException absent -> absent.getFile() + " does not exist";
      case AccessDeniedException denied -> denied.getFile() + " is not allowed: check permissions";
      case NotDirectoryException file -> file.getFile() + " is not a folder";
      case FileSystemException other when other.getReason() != null ->
          other.getFile() + ": " + other.getReason();
      case FileSystemException other -> other.getFile() + " is there already";
      default -> firstLine(failure);
    };
  }

  private static String firstLine(Exception failure) {
    return Stream.ofNullable(failure.getMessage())
        .flatMap(String::lines)
        .findFirst()
        .orElse(failure.getClass().getName());
  }
}
