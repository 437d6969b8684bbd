package io.gemlab.experiments.eval.report;

import io.gemlab.experiments.eval.metric.Metric;
import io.gemlab.experiments.eval.result.EarlierResult;
import io.gemlab.experiments.eval.result.EvalResult;
import io.gemlab.experiments.eval.result.GroupResult;
import io.gemlab.experiments.eval.result.TaskComparison;
import io.gemlab.experiments.eval.result.TaskResult;
import io.gemlab.experiments.eval.result.Work;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Report;
import io.gemlab.reports.render.Report.Section;
import io.gemlab.reports.render.RunBlocks;
import io.gemlab.reports.statistics.items.ItemScore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The report of an evaluation.
 *
 * @param result what came out
 * @param earlier what it is compared with
 * @param work what it took
 */
public record EvalReport(EvalResult result, Optional<EarlierResult> earlier, Work work) {
  /** Tasks up to which each has a sentence of its own. */
  private static final int FEW = 10;

  public Report report(Provenance provenance) {
    List<TaskComparison> comparisons =
        earlier.map(other -> TaskComparison.of(result, other)).orElse(List.of());
    ScoreBlocks scores = new ScoreBlocks(result);
    CountingBlocks counting = new CountingBlocks(result, work);
    List<Block> summary = new ArrayList<>(counting.notices());
    scores.chart().ifPresent(summary::add);
    summary.addAll(scores.tables());
    List<Section> sections = new ArrayList<>();
    earlier.ifPresent(
        other ->
            sections.add(
                new Section(
                    "Beside " + other.name(), new ComparisonBlocks(other, comparisons).blocks())));
    if (!result.groups().isEmpty()) {
      sections.add(new Section("Groups", List.of(scores.groups())));
    }
    if (!result.formats().isEmpty()) {
      sections.add(new Section("Formats", new FormatBlocks(result.formats()).blocks()));
    }
    if (!result.noise().isEmpty()) {
      sections.add(
          new Section("Noise of checkpoints", List.of(new NoiseBlocks(result.noise()).table())));
    }
    sections.add(new Section("What was asked", List.of(counting.asked())));
    sections.add(new Section("How it was counted", counting.blocks()));
    sections.add(new Section("The model", List.of(counting.model())));
    sections.add(new Section("Where the numbers come from", RunBlocks.provenance(provenance)));
    return new Report(
        "Evaluation of " + name(),
        "How well does %s do on %s%s?"
            .formatted(
                name(),
                tasks(),
                earlier.map(other -> ", and does it differ from " + other.name()).orElse("")),
        findings(comparisons),
        byline(provenance),
        summary,
        sections);
  }

  private String name() {
    return Path.of(result.model().folder()).toAbsolutePath().normalize().getFileName().toString();
  }

  private String tasks() {
    int count = result.tasks().size();
    return count <= FEW
        ? result.tasks().stream().map(task -> task.task().name()).collect(Collectors.joining(", "))
        : count + " tasks";
  }

  private List<String> findings(List<TaskComparison> comparisons) {
    List<String> findings = new ArrayList<>();
    earlier.ifPresent(
        other -> findings.addAll(new ComparisonBlocks(other, comparisons).findings()));
    result.groups().forEach(group -> findings.addAll(sentences(group)));
    if (result.tasks().size() <= FEW) {
      for (TaskResult task : result.tasks()) findings.add(sentence(task));
    }
    result
        .formats()
        .forEach(task -> findings.addAll(FormatBlocks.sentence(task, main(task.task()))));
    if (result.tasks().size() <= FEW && !result.noise().isEmpty()) {
      NoiseBlocks noise = new NoiseBlocks(result.noise());
      for (TaskResult task : result.tasks()) {
        findings.addAll(noise.sentence(task.task().name(), ScoreBlocks.main(task)));
      }
    }
    if (findings.isEmpty())
      findings.add("%d tasks were evaluated.".formatted(result.tasks().size()));
    return findings;
  }

  private static String sentence(TaskResult task) {
    Metric metric = ScoreBlocks.main(task);
    return "%s: %s %s of %d items, %s."
        .formatted(
            task.task().name(),
            metric.name(),
            ScoreBlocks.text(task.scores().get(metric)),
            task.scores().get(metric).n(),
            shots(task));
  }

  private Metric main(String task) {
    return result.tasks().stream()
        .filter(each -> each.task().name().equals(task))
        .map(ScoreBlocks::main)
        .findFirst()
        .orElseThrow();
  }

  private static String shots(TaskResult task) {
    return task.task().shots() == 1 ? "1 shot" : task.task().shots() + " shots";
  }

  private static List<String> sentences(GroupResult group) {
    List<String> sentences = new ArrayList<>();
    for (Map.Entry<String, GroupResult.GroupScore> each : group.scores().entrySet()) {
      ItemScore score = each.getValue().score();
      sentences.add(
          "%s: %s %s over %d tasks."
              .formatted(
                  group.group().name(),
                  each.getKey(),
                  ScoreBlocks.text(score),
                  group.tasks().size()));
    }
    return sentences;
  }

  private String byline(Provenance provenance) {
    return String.join(
        " · ",
        "eval",
        "counted as lm-evaluation-harness 0.4.13 counts",
        result.model().precision(),
        "Gemlab " + provenance.getGemlabVersion(),
        "%s requests in %s s"
            .formatted(work.requests(), Numbers.significant(work.time().toMillis() / 1e3, 3)));
  }
}
