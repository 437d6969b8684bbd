package io.gemlab.experiments.eval.report;

import io.gemlab.experiments.eval.request.Windows;
import io.gemlab.experiments.eval.result.Counting;
import io.gemlab.experiments.eval.result.EvalResult;
import io.gemlab.experiments.eval.result.TaskResult;
import io.gemlab.experiments.eval.result.Work;
import io.gemlab.experiments.eval.task.OutputType;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Block.KeyValues.Entry;
import io.gemlab.reports.render.Block.Notice;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import java.util.ArrayList;
import java.util.List;

/** What was asked of which model, how it was counted, and what to mind about it. */
record CountingBlocks(EvalResult result, Work work) {
  private static final int HASH_DIGITS = 12;

  /** What changes how the numbers are to be read. */
  List<Block> notices() {
    List<Block> notices = new ArrayList<>();
    if (!result.counting().bos()) {
      notices.add(
          warning(
              "BOS did not stand before what the model read. Gemma without it is far worse; --bos"
                  + " always puts it there."));
    }
    for (TaskResult task : result.tasks()) {
      if (task.cut() > 0) {
        notices.add(
            warning(
                "%s: %d requests were longer than the %d tokens that the model read, and lost their beginning."
                    .formatted(task.task().name(), task.cut(), result.counting().maxLength())));
      }
      if (task.unanswerable() > 0) {
        notices.add(
            warning(
                "%s: the labels of %d documents are none of their choices, so every answer to them counts as wrong."
                    .formatted(task.task().name(), task.unanswerable())));
      }
      if (task.items().size() < task.documents()) {
        notices.add(
            new Notice(
                Notice.Kind.INFO,
                Block.Paragraph.of(
                    "%s: the first %d of %d documents; they may be easier or harder than the rest."
                        .formatted(task.task().name(), task.items().size(), task.documents()))));
      }
    }
    return notices;
  }

  private static Block warning(String text) {
    return new Notice(Notice.Kind.WARNING, Block.Paragraph.of(text));
  }

  Block asked() {
    List<List<Cell>> rows = new ArrayList<>();
    for (TaskResult task : result.tasks()) {
      rows.add(
          List.of(
              Cell.text(task.task().name()),
              task.task().version().map(Cell::text).orElseGet(() -> Cell.missing("none")),
              Cell.text(task.task().outputType().label()),
              task.task().shots() == 0 ? Cell.missing("–") : Cell.text(task.task().sampling()),
              Cell.number(task.task().shots()),
              Cell.number(task.items().size()),
              Cell.number(task.documents()),
              Cell.text(task.promptHash().substring(0, HASH_DIGITS))));
    }
    return new Block.Table(
        "Tasks. Two evaluations whose prompts have the same hash asked the same; results.json has"
            + " all of its digits.",
        List.of(
            Column.text("task"),
            Column.text("version"),
            Column.text("asks for"),
            Column.text("shots are"),
            Column.number(Quantity.of("shots")),
            Column.number(Quantity.of("n")),
            Column.number(Quantity.of("documents")),
            Column.text("prompts (SHA-256)")),
        rows);
  }

  List<Block> blocks() {
    Counting counting = result.counting();
    List<Entry> facts = new ArrayList<>();
    facts.add(new Entry("BOS", counting.bos() ? "once, before everything" : "nowhere"));
    facts.add(new Entry("Tokens the model read at most", String.valueOf(counting.maxLength())));
    facts.add(new Entry("Seed of examples", String.valueOf(counting.seed())));
    boolean rolls =
        result.tasks().stream()
            .anyMatch(task -> task.task().outputType() == OutputType.LOGLIKELIHOOD_ROLLING);
    if (rolls) facts.add(new Entry("Windows of long texts", windows(counting.windows())));
    facts.add(
        new Entry(
            "Requests",
            "%d, each once; %d had been answered before".formatted(work.requests(), work.known())));
    facts.add(
        new Entry(
            "Tokens",
            "%s in the texts of those that had not, %s positions through the model"
                .formatted(
                    Numbers.significant(work.tokens(), 3),
                    Numbers.significant(work.computed(), 3))));
    facts.add(
        new Entry(
            "Time",
            Numbers.significant(work.time().toMillis() / 1e3, 3) + " s, compiling included"));
    facts.add(
        new Entry(
            "Compiled to score",
            work.programs().isEmpty()
                ? "nothing"
                : "%d programs: %s"
                    .formatted(work.programs().size(), String.join(", ", work.programs()))));
    return List.of(new Block.KeyValues(facts), Block.Paragraph.of(method()));
  }

  private static String windows(Windows windows) {
    return switch (windows) {
      case BOS -> "each begins with BOS, and every token of the text is scored once";
      case LM_EVAL ->
          "as lm-evaluation-harness cuts: the first begins with BOS twice, of which it scores the"
              + " second; later ones have none";
    };
  }

  private static String method() {
    return "White space at a context's end moves to the continuation; both are encoded together and"
        + " cut where the context's own tokens end. acc takes log-likelihoods as they are, acc_norm"
        + " divides by a choice's characters, acc_bytes by its bytes; prob is the right choice's"
        + " probability among the choices, bits_per_byte what it takes a byte. What a score's"
        + " standard error does not hold: other shots, other wordings, another run of training.";
  }

  Block model() {
    List<Entry> facts = new ArrayList<>();
    facts.add(new Entry("Checkpoint", result.model().folder()));
    result.model().settings().forEach((key, value) -> facts.add(new Entry(key, value)));
    result.model().sha256().forEach((file, hash) -> facts.add(new Entry(file, hash)));
    return new Block.KeyValues(facts);
  }
}
