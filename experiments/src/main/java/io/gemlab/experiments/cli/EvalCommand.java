package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.option.GemmaOptions;
import io.gemlab.experiments.cli.option.OutputFile;
import io.gemlab.experiments.cli.terminal.Interruption;
import io.gemlab.experiments.cli.terminal.MonitoredWork;
import io.gemlab.experiments.eval.request.Bos;
import io.gemlab.experiments.eval.request.Windows;
import io.gemlab.experiments.eval.run.EvalPlan;
import io.gemlab.experiments.eval.run.EvalRun;
import io.gemlab.experiments.eval.task.PromptFormat;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.generate.Gemma2;
import io.gemlab.graph.score.Prefixes;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab eval}: benchmarks, counted as lm-evaluation-harness counts. */
@Command(
    name = "eval",
    description = {
      "Evaluate a checkpoint on tasks of lm-evaluation-harness, counted as its version 0.4.13 counts:"
          + " results.json has each metric with its standard error, samples_TASK.jsonl each item, and"
          + " report.html tells it.",
      "Ctrl-C and kill -9 lose no answer: --resume goes on with those that are there."
    })
final class EvalCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private GemmaOptions model;

  @Option(
      names = "--tasks",
      required = true,
      split = ",",
      paramLabel = "NAME|FILE.yaml",
      description =
          "Built-in tasks, or files in lm-evaluation-harness's YAML, with commas between them:"
              + " arc_challenge, arc_easy, boolq, copa, gsm8k, hellaswag, lambada_openai, mmlu, piqa,"
              + " winogrande.")
  private List<String> tasks;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder that stands for the tasks' data sets: files in jsonl or Parquet, as a download from"
              + " Hugging Face's hub has them.")
  private Path data;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "The first N documents of each task. Default: all.")
  private Integer limit;

  @Option(
      names = "--shots",
      paramLabel = "N",
      description = "Examples before each document. Default: the task's.")
  private Integer shots;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1234",
      description = "Of examples that are drawn. Default: ${DEFAULT-VALUE}.")
  private int seed;

  @Option(
      names = "--bos",
      paramLabel = "auto|always|never",
      defaultValue = "auto",
      description =
          "Whether BOS stands before what the model reads, once; auto does what the tokenizer's own"
              + " file says. Default: ${DEFAULT-VALUE}.")
  private Bos bos;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description =
          "Tokens that the model reads at most; what is longer loses its left part, or is cut into"
              + " windows. Default: the model's context.")
  private Integer maxLength;

  @Option(
      names = "--windows",
      paramLabel = "bos|lm_eval",
      defaultValue = "bos",
      description =
          "How long texts are cut for perplexity: each window behind BOS, or as"
              + " lm-evaluation-harness cuts, whose first window has BOS twice and whose others have"
              + " none. Default: ${DEFAULT-VALUE}.")
  private Windows windows;

  @Option(
      names = "--against",
      paramLabel = "DIR",
      description =
          "Folder of an earlier evaluation: the report compares the two item by item, by McNemar's"
              + " test and a paired bootstrap.")
  private Path against;

  @Option(
      names = "--before",
      split = ",",
      paramLabel = "DIR",
      description =
          "Folders of evaluations of the same run's checkpoints before this one, with commas between"
              + " them: the report tells how much scores move among them, and whether --against's"
              + " model is further off than that.")
  private List<Path> before = List.of();

  @Option(
      names = "--formats",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Write the prompts in N ways, at most 12 (the case of field names such as Question:, what"
              + " stands behind them and before them): the report tells how much scores depend on"
              + " that. Default: the task's own alone.")
  private int formats;

  @Option(
      names = "--prefixes",
      paramLabel = "shared|repeated",
      defaultValue = "shared",
      description =
          "Whether what texts begin with alike goes through the model once, or with each of them, to"
              + " see what that costs. Default: ${DEFAULT-VALUE}.")
  private Prefixes prefixes;

  @Option(
      names = "--resume",
      description = "Take the answers that --out holds, and ask for the others.")
  private boolean resume;

  @Option(
      names = "--out",
      defaultValue = "out/eval",
      paramLabel = "DIR",
      description = "Folder for results, samples and report. Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    model.requireTokenizer();
    OutputFile.requireFolder("--out", out);
    PrintWriter err = spec.commandLine().getErr();
    try (EvalRun run = EvalRun.open(plan(), out, model.products(), resume);
        Interruption interruption = new Interruption(this::sayStopped);
        Gemma2 gemma = model.load(err, run.products())) {
      Path report =
          new MonitoredWork("eval", 0, interruption, err)
              .run(monitor -> run.run(gemma, CommandProvenance.of(spec.commandLine()), monitor));
      run.lines().forEach(spec.commandLine().getOut()::println);
      spec.commandLine().getOut().println("report: " + report);
      return 0;
    } catch (RunMonitor.Stopped stopped) {
      return MonitoredWork.INTERRUPTED;
    }
  }

  private EvalPlan plan() {
    return new EvalPlan(
        model.checkpoint,
        model.settings(),
        tasks,
        Optional.ofNullable(data),
        atLeast("--limit", limit, 1),
        atLeast("--shots", shots, 0),
        seed,
        bos,
        atLeast("--max-length", maxLength, 1),
        windows,
        prefixes,
        formats(),
        Optional.ofNullable(against),
        before);
  }

  private int formats() {
    int most = PromptFormat.ALL.size();
    if (formats >= 1 && formats <= most) return formats;
    throw new InvalidInput("--formats is %d; give 1 to %d".formatted(formats, most));
  }

  private static OptionalInt atLeast(String flag, Integer value, int least) {
    if (value == null) return OptionalInt.empty();
    if (value < least) {
      throw new InvalidInput("%s is %d; give %d or more".formatted(flag, value, least));
    }
    return OptionalInt.of(value);
  }

  private void sayStopped() {
    spec.commandLine()
        .getErr()
        .println("gemlab: stopped; answers are in " + out + ", --resume goes on with them");
  }
}
