package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.option.Flags;
import io.gemlab.experiments.cli.option.OutputFile;
import io.gemlab.experiments.cli.option.OutputFolder;
import io.gemlab.experiments.cli.terminal.Progress;
import io.gemlab.experiments.cli.terminal.StepProgress;
import io.gemlab.experiments.conformance.CacheMode;
import io.gemlab.experiments.conformance.Configuration;
import io.gemlab.experiments.conformance.Conformance;
import io.gemlab.experiments.conformance.ConformanceOutcome;
import io.gemlab.experiments.conformance.Export;
import io.gemlab.experiments.conformance.Finding;
import io.gemlab.experiments.conformance.Judgement;
import io.gemlab.experiments.conformance.LogitsCheck;
import io.gemlab.experiments.conformance.Probe;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.KernelUse;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.Precision;
import io.gemlab.ops.attention.Attention;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab conformance}: whether anything is silently dropped, here or elsewhere. */
@Command(
    name = "conformance",
    description = {
      "Run models whose logits differ grossly where a softcap or QK-norm is dropped, the window"
          + " ignored, queries scaled or turned wrongly or padding attended to, on every path,"
          + " attention, precision and cache mode; write a report.",
      "--export writes them as files for other runtimes, and --check judges what those computed.",
      "Exit code 0 where all conforms, 1 where something does not."
    })
final class ConformanceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--probe",
      split = ",",
      paramLabel = "PROBE",
      description = "Only these, with commas between. There is ${COMPLETION-CANDIDATES}.",
      completionCandidates = ProbeNames.class)
  private List<String> probes = new ArrayList<>();

  @Option(
      names = "--path",
      split = ",",
      defaultValue = "eager,graph,clustered,fused",
      paramLabel = "PATH",
      description = "Which paths, with commas between. Default: ${DEFAULT-VALUE}.")
  private List<String> paths;

  @Option(
      names = "--attention",
      split = ",",
      defaultValue = "eager,sdpa,blockwise",
      paramLabel = "KIND",
      description = "Which attentions. Default: ${DEFAULT-VALUE}.")
  private List<String> attentions;

  @Option(
      names = "--dtype",
      split = ",",
      defaultValue = "float32,bfloat16,float16,int8,int4",
      paramLabel = "TYPE",
      description =
          "Which types to compute in; int8 and int4 are weights alone, with bfloat16 for the rest."
              + " Default: ${DEFAULT-VALUE}.")
  private List<String> dtypes;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for the report, new or empty. Default: out/conformance-<time>.")
  private Path out;

  @Option(
      names = "--export",
      paramLabel = "DIR",
      description = "Run nothing; write the vectors to this folder, new or empty.")
  private Path export;

  @Option(
      names = "--check",
      paramLabel = "FILE.safetensors",
      description =
          "Run nothing; judge these logits of another runtime, a tensor a probe, named by it.")
  private Path check;

  /** What {@code --probe} takes. */
  private static final class ProbeNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Probe.values()).map(Probe::label).iterator();
    }
  }

  @Override
  public Integer call() throws IOException {
    if (export != null && check != null) {
      throw new InvalidInput("--export and --check can't go together; give one of them");
    }
    if (export != null) return export();
    return check != null ? check() : run();
  }

  private int export() throws IOException {
    Flags.refuse(spec, "with --export", "--path", "--attention", "--dtype", "--out");
    OutputFile.requireFolder("--export", export);
    Export.write(export, probes());
    spec.commandLine().getOut().println("vectors: " + export.resolve("README.md"));
    return 0;
  }

  private int check() {
    Flags.refuse(spec, "with --check", "--path", "--attention", "--dtype", "--out");
    PrintWriter print = spec.commandLine().getOut();
    Map<Probe, Judgement> judgements = LogitsCheck.judge(check, probes());
    for (Probe probe : probes()) {
      Judgement judgement = judgements.get(probe);
      print.println(
          judgement == null
              ? "%-18s not in the file".formatted(probe.label())
              : "%-18s %s (cosine to the right logits %.4f, largest difference %.2g)"
                  .formatted(
                      probe.label(),
                      judgement.conforms() ? probe.shows() : judgement.words(),
                      judgement.cosine(),
                      judgement.largestDifference()));
    }
    return judgements.values().stream().allMatch(Judgement::conforms) ? 0 : 1;
  }

  private int run() throws IOException {
    Conformance conformance = new Conformance(probes(), configurations());
    Path folder = OutputFolder.ready(out, "conformance");
    ConformanceOutcome outcome;
    try (Progress progress = Progress.of("conformance", conformance.steps())) {
      outcome = conformance.run(new StepProgress(progress));
      progress.at(conformance.steps());
    }
    print(outcome);
    Path html = outcome.write(folder, CommandProvenance.of(spec.commandLine())).html();
    spec.commandLine().getOut().println("report: " + html);
    return outcome.wrong().isEmpty() ? 0 : 1;
  }

  /** A line a configuration, a column a probe: cosine to what is right, largest difference. */
  private void print(ConformanceOutcome outcome) {
    PrintWriter print = spec.commandLine().getOut();
    print.println("A probe's cosine to the right logits, and the largest difference from them.");
    String head = "%-11s %-10s %-9s %-26s %-11s";
    print.printf(head, "path", "attention", "type", "tokens come as", "Gemlab kernels");
    outcome.asked().probes().forEach(probe -> print.printf(" %-18s", probe.label()));
    print.println();
    print.printf(head, "", "", "", "", "");
    outcome.asked().probes().forEach(_ -> print.printf(" %-18s", "cosine   largest"));
    print.println();
    for (Configuration configuration : outcome.asked().configurations()) {
      for (CacheMode cache : CacheMode.values()) {
        List<Finding> findings = outcome.of(configuration, cache);
        print.printf(
            head,
            configuration.path().label(),
            configuration.attention().label(),
            configuration.type(),
            cache.label(),
            kernels(findings));
        findings.forEach(finding -> print.printf(" %-18s", cell(finding)));
        print.println(findings.stream().anyMatch(Finding::isWrong) ? " FAILED" : "");
      }
    }
    for (String reason : outcome.withoutKernels()) print.println("no Gemlab kernels: " + reason);
    for (Finding wrong : outcome.wrong()) print.println("FAILED " + wrong.described());
  }

  /** Of one probe: they all have the same layers. */
  private static String kernels(List<Finding> findings) {
    return findings.stream()
        .flatMap(finding -> finding.kernels().stream())
        .findFirst()
        .map(KernelUse::counted)
        .orElse("-");
  }

  private static String cell(Finding finding) {
    return switch (finding.outcome()) {
      case Finding.Judged judged ->
          String.format(
              Locale.ROOT,
              "%.6f %.1e",
              judged.judgement().cosine(),
              judged.judgement().largestDifference());
      case Finding.Refused refused -> "refused";
      case Finding.Failed failed -> "failed";
    };
  }

  private List<Probe> probes() {
    return probes.isEmpty()
        ? List.of(Probe.values())
        : probes.stream().map(Probe::of).distinct().toList();
  }

  private List<Configuration> configurations() {
    List<Configuration> configurations = new ArrayList<>();
    for (ExecutionPath path : paths.stream().map(Choices::path).toList()) {
      for (Attention attention : attentions.stream().map(Choices::attention).toList()) {
        for (String type : dtypes) configurations.add(configuration(path, attention, type));
      }
    }
    return configurations;
  }

  private static Configuration configuration(ExecutionPath path, Attention attention, String type) {
    for (Quantization quantization : Quantization.values()) {
      if (quantization != Quantization.NONE && quantization.label().equals(type)) {
        return new Configuration(path, attention, Precision.BFLOAT16, quantization);
      }
    }
    return new Configuration(path, attention, Choices.precision(type));
  }
}
