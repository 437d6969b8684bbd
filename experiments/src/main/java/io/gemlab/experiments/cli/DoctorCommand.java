package io.gemlab.experiments.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.cli.option.OutputFile;
import io.gemlab.experiments.cli.terminal.Progress;
import io.gemlab.experiments.cli.terminal.StepProgress;
import io.gemlab.experiments.doctor.Check;
import io.gemlab.experiments.doctor.CheckpointChecks;
import io.gemlab.experiments.doctor.Doctor;
import io.gemlab.graph.base.files.WholeFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab doctor}: what this machine has and can do. */
@Command(
    name = "doctor",
    description = {
      "Find out what this machine has and can do, by trying it: JDK, TensorFlow, XLA, memory, speed,"
          + " plugins; and what would bring what is missing.",
      "Exit code 0 where all is there that Gemlab needs, 1 otherwise; plugins are not needed.",
      "With --checkpoint: what that folder is instead, and whether it loads; exit code 1 where not."
    })
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the same for scripts: subject, verdict, found, remedy.")
  private Path json;

  @Option(
      names = "--checkpoint",
      paramLabel = "DIR",
      description =
          "Look at a checkpoint's folder instead of the machine: what it is, configuration, weights,"
              + " end tokens, tokenizer, chat template. Starts no TensorFlow.")
  private Path checkpoint;

  @Override
  public Integer call() throws IOException {
    if (json != null) OutputFile.requireWritable("--json", json);
    List<Check> checks = checkpoint == null ? machine() : CheckpointChecks.examine(checkpoint);
    PrintWriter out = spec.commandLine().getOut();
    checks.forEach(check -> print(check, out));
    if (checkpoint != null) {
      out.println(checkpoint + " " + CheckpointChecks.summary(checks));
    }
    if (json != null) WholeFile.write(json, json(checks));
    return Doctor.healthy(checks) ? 0 : 1;
  }

  private static List<Check> machine() {
    try (Progress progress = Progress.of("doctor", Doctor.count())) {
      List<Check> checks = Doctor.examine(new StepProgress(progress));
      progress.at(Doctor.count());
      return checks;
    }
  }

  private static void print(Check check, PrintWriter out) {
    String first = "%-8s %-12s ".formatted(check.verdict().label(), check.subject());
    for (String line : check.found()) {
      out.println(first + line);
      first = " ".repeat(first.length());
    }
    check.remedy().ifPresent(remedy -> out.println(" ".repeat(22) + "remedy: " + remedy));
  }

  private static byte[] json(List<Check> checks) throws IOException {
    JsonMapper mapper = new JsonMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("healthy", Doctor.healthy(checks));
    ArrayNode all = root.putArray("checks");
    for (Check check : checks) {
      ObjectNode node = all.addObject();
      node.put("subject", check.subject());
      node.put("verdict", check.verdict().label());
      check.found().forEach(node.withArray("found")::add);
      check.remedy().ifPresent(remedy -> node.put("remedy", remedy));
    }
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
  }
}
