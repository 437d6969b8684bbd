package io.gemlab.experiments.cli;

import io.gemlab.graph.InvalidInput;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

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
      CompileCommand.class,
      ReportCommand.class,
      LogitsCommand.class,
      StepCommand.class,
      ConformanceCommand.class,
      GenerateCommand.class,
      ChatCommand.class,
      TokenizeCommand.class,
      RandomCheckpointCommand.class,
      BenchCommand.class,
      MemoryCommand.class,
      DoctorCommand.class,
    })
public final class Main {
  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean verbose;

  private Main() {}

  /** Runs a command and ends the process with its exit code. Writes UTF-8, whatever the locale. */
  public static void main(String[] arguments) {
    System.exit(
        run(
            arguments,
            new PrintWriter(System.out, true, StandardCharsets.UTF_8),
            new PrintWriter(System.err, true, StandardCharsets.UTF_8)));
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
        .setParameterExceptionHandler(Main::misused)
        .setExecutionExceptionHandler(oneLine);
  }

  /** One line for wrong usage, and where to read more. */
  private static int misused(CommandLine.ParameterException misuse, String[] arguments) {
    String command = misuse.getCommandLine().getCommandSpec().qualifiedName();
    misuse
        .getCommandLine()
        .getErr()
        .println(
            "%s: %s%s (%s --help says more)"
                .formatted(command, firstLine(misuse), suggestion(misuse), command));
    return CommandLine.ExitCode.USAGE;
  }

  private static String suggestion(CommandLine.ParameterException misuse) {
    return misuse instanceof CommandLine.UnmatchedArgumentException unmatched
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
    String what = failure.getMessage() == null ? failure.getClass().getName() : firstLine(failure);
    if (failure instanceof UncheckedIOException io) what += ": " + io.getCause();
    err.println("gemlab: " + what + (verbose ? "" : " (--verbose shows where)"));
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static String firstLine(Exception failure) {
    return failure.getMessage().lines().findFirst().orElse(failure.getClass().getName());
  }
}
