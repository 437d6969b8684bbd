package io.gemlab.experiments.eval.run;

import io.gemlab.experiments.eval.metric.Judge;
import io.gemlab.experiments.eval.report.EvalReport;
import io.gemlab.experiments.eval.report.ScoreLines;
import io.gemlab.experiments.eval.request.Answer;
import io.gemlab.experiments.eval.request.EncodedRequest;
import io.gemlab.experiments.eval.request.RequestEncoder;
import io.gemlab.experiments.eval.result.Counting;
import io.gemlab.experiments.eval.result.EarlierResult;
import io.gemlab.experiments.eval.result.EvalResult;
import io.gemlab.experiments.eval.result.GroupResult;
import io.gemlab.experiments.eval.result.ItemResult;
import io.gemlab.experiments.eval.result.ModelInfo;
import io.gemlab.experiments.eval.result.ResultsJson;
import io.gemlab.experiments.eval.result.SamplesFile;
import io.gemlab.experiments.eval.result.TaskFormats;
import io.gemlab.experiments.eval.result.TaskNoise;
import io.gemlab.experiments.eval.result.TaskResult;
import io.gemlab.experiments.eval.result.Work;
import io.gemlab.experiments.eval.score.RequestScorer;
import io.gemlab.experiments.eval.score.ScoringMonitor;
import io.gemlab.experiments.eval.task.GroupSpec;
import io.gemlab.experiments.eval.task.PromptFormat;
import io.gemlab.experiments.eval.task.TaskFiles;
import io.gemlab.experiments.eval.task.TaskItem;
import io.gemlab.experiments.run.ReportWriter;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.generate.Gemma2;
import io.gemlab.graph.path.product.Products;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An evaluation: all that may be wrong with what is asked is found before the model is loaded. */
public final class EvalRun implements AutoCloseable {
  private final EvalPlan plan;
  private final ModelInfo model;
  private final List<AskedTask> tasks;
  private final List<GroupSpec> groups;
  private final Optional<EarlierResult> earlier;
  private final List<EarlierResult> before;
  private final EvalFolder folder;
  private List<String> lines = List.of();

  private EvalRun(
      EvalPlan plan,
      ModelInfo model,
      List<AskedTask> tasks,
      List<GroupSpec> groups,
      Optional<EarlierResult> earlier,
      List<EarlierResult> before,
      EvalFolder folder) {
    this.plan = plan;
    this.model = model;
    this.tasks = tasks;
    this.groups = groups;
    this.earlier = earlier;
    this.before = before;
    this.folder = folder;
  }

  /**
   * Reads tasks, data and whatever else is needed beside the model.
   *
   * @param out the folder for what comes out
   * @param asked which kernels are to compute products
   * @param resume whether to take the answers that it holds
   * @throws InvalidInput if something can't be used as it is
   */
  public static EvalRun open(EvalPlan plan, Path out, Products asked, boolean resume)
      throws IOException {
    TaskFiles.Selection selection = TaskFiles.open(plan.tasks());
    List<AskedTask> tasks =
        selection.tasks().stream().map(task -> AskedTask.of(task, plan)).toList();
    Optional<EarlierResult> earlier = plan.against().map(EarlierResult::read);
    ModelInfo model = ModelInfo.of(plan.checkpoint(), plan.settings());
    List<EarlierResult> before = CheckpointsBefore.read(plan.before(), model, tasks);
    return new EvalRun(
        plan,
        model,
        tasks,
        selection.groups(),
        earlier,
        before,
        EvalFolder.open(out, model, asked, resume));
  }

  /**
   * Asks the model.
   *
   * @param gemma the plan's
   * @return the report
   */
  public Path run(Gemma2 gemma, Provenance provenance, RunMonitor monitor) throws IOException {
    boolean bos = plan.bos().isPut(gemma.tokenizer());
    int maxLength = plan.maxLength().orElse(gemma.config().maxPositionEmbeddings());
    if (maxLength > gemma.config().maxPositionEmbeddings()) {
      throw new InvalidInput(
          "--max-length is %d and the model's context (max_position_embeddings) %d; give no more"
              .formatted(maxLength, gemma.config().maxPositionEmbeddings()));
    }
    Counting counting = new Counting(bos, maxLength, plan.windows(), plan.seed());
    RequestEncoder encoder = new RequestEncoder(gemma.tokenizer(), bos, maxLength, plan.windows());
    monitor.now("encoding");
    List<EncodedRequest> requests = new ArrayList<>();
    for (AskedTask task : tasks) requests.addAll(task.encoded(encoder));
    long begun = System.nanoTime();
    Heard heard = new Heard(monitor);
    List<Answer> answers =
        new RequestScorer(gemma, folder.answers(), plan.prefixes()).answer(requests, heard);
    Work work =
        new Work(
            heard.requests,
            heard.known,
            heard.tokens,
            heard.done,
            gemma.scoringPrograms().stream().sorted().toList(),
            Duration.ofNanos(System.nanoTime() - begun));
    EvalResult result = result(counting, requests, answers);
    lines = ScoreLines.of(result);
    return write(result, work, provenance);
  }

  /** Which kernels compute the model's products: those that its answers were begun with. */
  public Products products() {
    return folder.products();
  }

  /** The scores, a line a task and metric, once it has run. */
  public List<String> lines() {
    return lines;
  }

  private EvalResult result(
      Counting counting, List<EncodedRequest> requests, List<Answer> answers) {
    List<TaskResult> results = new ArrayList<>();
    List<TaskFormats> formats = new ArrayList<>();
    int next = 0;
    for (AskedTask task : tasks) {
      Judge judge = Judge.of(task.task());
      List<List<ItemResult>> written = new ArrayList<>();
      int cut = 0;
      for (List<TaskItem> items : task.written()) {
        List<ItemResult> judged = new ArrayList<>();
        for (TaskItem item : items) {
          int end = next + item.requests().size();
          List<Answer> own = answers.subList(next, end);
          cut += (int) requests.subList(next, end).stream().filter(EncodedRequest::cut).count();
          judged.add(new ItemResult(item, own, judge.judge(item.expected(), own)));
          next = end;
        }
        written.add(judged);
      }
      results.add(new TaskResult(task.task(), task.documents(), written.getFirst(), cut));
      task.fields()
          .ifPresent(
              fields ->
                  formats.add(
                      new TaskFormats(
                          task.task().name(),
                          fields.names(),
                          PromptFormat.ALL.subList(0, written.size()),
                          written)));
    }
    return new EvalResult(
        model,
        counting,
        results,
        groups.stream().map(group -> result(group, results)).toList(),
        formats,
        before.isEmpty() ? List.of() : TaskNoise.of(results, before, earlier));
  }

  private static GroupResult result(GroupSpec group, List<TaskResult> results) {
    return new GroupResult(
        group,
        results.stream().filter(result -> group.tasks().contains(result.task().name())).toList());
  }

  private Path write(EvalResult result, Work work, Provenance provenance) throws IOException {
    for (TaskResult task : result.tasks()) SamplesFile.write(folder.path(), task);
    WholeFile.write(
        folder.path().resolve(ResultsJson.FILE),
        ResultsJson.of(result, provenance.getGemlabVersion()));
    return ReportWriter.write(
            folder.path(), new EvalReport(result, earlier, work).report(provenance))
        .html();
  }

  @Override
  public void close() throws IOException {
    folder.close();
  }

  /** Tells a run's monitor what scoring tells. */
  private static final class Heard implements ScoringMonitor {
    private final RunMonitor monitor;
    private int requests;
    private int known;
    private long tokens;
    private long announced;
    private long done;

    Heard(RunMonitor monitor) {
      this.monitor = monitor;
    }

    @Override
    public void begins(int all, int known, long tokens) {
      requests = all;
      this.known = known;
      this.tokens = tokens;
      monitor.now("%d requests, %d answered before".formatted(all, known));
    }

    @Override
    public void progressed(long tokens, long all) {
      monitor.announced(all - announced);
      monitor.worked(tokens - done);
      announced = all;
      done = tokens;
      monitor.check();
    }
  }
}
