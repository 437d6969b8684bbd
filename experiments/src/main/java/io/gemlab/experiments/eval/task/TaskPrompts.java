package io.gemlab.experiments.eval.task;

import io.gemlab.experiments.eval.task.TaskItem.Expected;
import io.gemlab.graph.base.input.InvalidInput;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes requests of a task's documents, as lm-evaluation-harness's {@code ConfigurableTask} does.
 *
 * @param task the task
 * @param data its documents
 * @param seed of the examples
 */
public record TaskPrompts(TaskSpec task, TaskData data, int seed) {
  /** lm-evaluation-harness's seed for examples. */
  public static final int DEFAULT_SEED = 1234;

  /**
   * The items of the task.
   *
   * @param limit documents at most, from the first on
   * @throws InvalidInput if a document has not what the task needs; it says which
   */
  public List<TaskItem> items(int limit) {
    List<Document> documents = data.evaluated();
    FewShotSampler sampler = new FewShotSampler(task.fewshot(), data.examples(), seed);
    Map<Document, String> written = new IdentityHashMap<>();
    List<TaskItem> items = new ArrayList<>();
    for (int id = 0; id < Math.min(limit, documents.size()); id++) {
      int place = id;
      Document document = documents.get(id);
      items.add(located(place, () -> item(place, document, before(document, sampler, written))));
    }
    return items;
  }

  private <R> R located(int id, Supplier<R> work) {
    try {
      return work.get();
    } catch (InvalidInput e) {
      throw new InvalidInput(
          "task %s, document %d: %s".formatted(task.name(), id, e.getMessage()), e);
    }
  }

  private TaskItem item(int id, Document document, String before) {
    Question question = Question.of(task.prompt(), document);
    Optional<String> cluster = task.cluster().map(field -> String.valueOf(field.of(document)));
    return switch (task.outputType()) {
      case MULTIPLE_CHOICE -> choice(id, before, question, cluster);
      case LOGLIKELIHOOD -> {
        String continuation = question.targetText();
        yield new TaskItem(
            id,
            List.of(new TextRequest.Continuation(before + question.asked(), continuation)),
            new Expected.Likely(continuation),
            cluster);
      }
      case LOGLIKELIHOOD_ROLLING -> {
        String text = question.targetText();
        yield new TaskItem(
            id, List.of(new TextRequest.Whole(text)), new Expected.LikelyText(text), cluster);
      }
      case GENERATE_UNTIL ->
          new TaskItem(
              id,
              List.of(new TextRequest.Completion(before + question.asked(), task.generation())),
              new Expected.Texts(question.references()),
              cluster);
    };
  }

  /**
   * Description and examples.
   *
   * @param written examples as they were written before
   */
  private String before(Document document, FewShotSampler sampler, Map<Document, String> written) {
    StringBuilder before = new StringBuilder();
    task.description().ifPresent(field -> before.append(field.of(document)));
    PromptSpec prompt = task.fewshot().prompt();
    Optional<Document> asked = data.mayHoldAsked() ? Optional.of(document) : Optional.empty();
    for (Document example : sampler.next(asked)) {
      before.append(
          written.computeIfAbsent(
              example, each -> Question.of(prompt, each).answered(task.fewshot().delimiter())));
    }
    return before.toString();
  }

  private TaskItem choice(int id, String before, Question question, Optional<String> cluster) {
    List<String> choices = question.choices();
    String delimiter = task.prompt().delimiter();
    List<TextRequest> requests = new ArrayList<>();
    if (question.isOfContexts()) {
      for (String context : choices) {
        requests.add(
            new TextRequest.Continuation(
                before + question.asked(context), delimiter + question.targetText()));
      }
    } else {
      for (String choice : choices) {
        requests.add(new TextRequest.Continuation(before + question.asked(), delimiter + choice));
      }
    }
    if (task.metrics().stream().anyMatch(metric -> metric.name().equals("acc_mutual_info"))) {
      for (String choice : choices) {
        requests.add(new TextRequest.Continuation("", delimiter + choice));
      }
    }
    return new TaskItem(
        id,
        requests,
        new Expected.Choice(
            choices,
            question.right(),
            question.isOfContexts() ? Optional.of(question.targetText()) : Optional.empty()),
        cluster);
  }
}
