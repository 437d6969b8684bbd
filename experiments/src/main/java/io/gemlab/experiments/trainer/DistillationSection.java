package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.distill.CompletionSpec;
import io.gemlab.graph.train.Distillation;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Block.KeyValues.Entry;
import io.gemlab.reports.render.Report;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run's loss was made of, where it learnt of a teacher.
 *
 * @param spec the recipe's
 * @param events the run's, of which one says who taught
 */
record DistillationSection(DistillSpec spec, List<ObjectNode> events) {
  Report.Section section() {
    List<Entry> facts = new ArrayList<>();
    events.stream()
        .filter(line -> line.path(RunEvents.KIND).asText().equals(RunEvents.Kind.TEACHER.label()))
        .findFirst()
        .ifPresent(line -> facts.add(new Entry("Teacher", line.path(RunEvents.TEXT).asText())));
    Distillation loss = spec.loss();
    facts.add(new Entry("Temperature of the loss", text(loss.temperature().value())));
    facts.add(new Entry("Factor of the divergence", text(loss.factor())));
    facts.add(new Entry("Weight of the cross-entropy", text(loss.crossEntropyWeight())));
    if (spec.source() instanceof DistillSource.Model online) facts.addAll(online(online));
    facts.add(
        new Entry(
            "Allowed to differ", spec.allowed().isEmpty() ? "nothing" : spec.allowed().toString()));
    return new Report.Section(
        "Distillation", List.of(new Block.KeyValues(facts), Block.Paragraph.of(conventions())));
  }

  private static List<Entry> online(DistillSource.Model source) {
    CompletionSpec completions = source.completions();
    return List.of(
        new Entry("beta", text(source.beta())),
        new Entry(
            "lambda, the share of rows that the student completes", text(completions.onPolicy())),
        new Entry(
            "Completions of the other rows",
            completions.teacherWrites() ? "the teacher's" : "the data's own"),
        new Entry("Temperature of sampling", text(completions.temperature())),
        new Entry("Tokens of a completion, at most", String.valueOf(completions.newTokens())),
        new Entry("Tokens of a prompt, at least", String.valueOf(completions.promptTokens())));
  }

  private String conventions() {
    return "The training loss of a position is the cross-entropy of the next token times its weight,"
        + " plus the divergence times the factor, which is 1 less that weight, times the"
        + " temperature squared where the recipe says so. Both distributions are at the"
        + " temperature, each behind its model's own cap. "
        + switch (spec.source()) {
          case DistillSource.Records _ ->
              "The divergence is KL(teacher || student), in which the tokens that the teacher's file"
                  + " leaves out are one class; a step's loss is divided by its scored tokens.";
          case DistillSource.Model _ ->
              "The divergence is the generalised Jensen-Shannon divergence: KL(teacher || student) at"
                  + " beta 0, KL(student || teacher) at 1. Completions alone are scored, the token"
                  + " that ends one among them, and a step's loss is divided by their tokens.";
        }
        + " The validation loss is the cross-entropy of the next token, as without a teacher.";
  }

  private static String text(double value) {
    return Numbers.significant(value, 4);
  }
}
