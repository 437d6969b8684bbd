package io.gemlab.experiments.eval.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every prompt, few-shot examples too, against lm-evaluation-harness's own. */
class TaskPromptsTest {
  private static final JsonNode GOLDEN = EvalGolden.read();

  private static Stream<Arguments> cases(String part) {
    List<Arguments> cases = new ArrayList<>();
    GOLDEN
        .get(part)
        .properties()
        .forEach(
            task ->
                task.getValue()
                    .forEach(
                        each ->
                            cases.add(
                                Arguments.of(task.getKey(), each.get("shots").intValue(), each))));
    return cases.stream();
  }

  static Stream<Arguments> builtIn() {
    return cases("stock");
  }

  @ParameterizedTest(name = "{0}, {1} shots")
  @MethodSource("builtIn")
  void builtInTasksAskWhatLmEvalAsks(String name, int shots, JsonNode golden) {
    String file = name.startsWith("mmlu") ? "mmlu" : name;
    TaskSpec task =
        TaskFiles.open(List.of(file)).tasks().stream()
            .filter(each -> each.name().equals(name))
            .findFirst()
            .orElseThrow();
    List<TaskItem> items = items(task.withShots(shots), EvalGolden.data());
    assertEquals(golden.get("n").intValue(), items.size());
    JsonNode last = new JsonMapper().valueToTree(texts(items.getLast()));
    assertEquals(golden.get("last"), last);
    assertEquals(golden.get("sha256").textValue(), PromptHash.of(items));
    for (int i = 0; i < items.size(); i++) {
      assertEquals(right(golden.get("targets").get(i), items.get(i)), expected(items.get(i)));
    }
  }

  static Stream<Arguments> foundry() {
    return cases("foundry");
  }

  /** On every item of seven data sets, which are not in this repository. */
  @ParameterizedTest(name = "{0}, {1} shots")
  @MethodSource("foundry")
  void wholeDataSetsAreAskedAsLmEvalAsks(String name, int shots, JsonNode golden) {
    Path data =
        Optional.ofNullable(System.getenv("GEMLAB_SHARED"))
            .map(Path::of)
            .orElse(Path.of("..", "..", "shared"))
            .resolve("data");
    assumeTrue(Files.isDirectory(data), "Not proved: the prompts of whole data sets; no " + data);
    Path file = Path.of("..", "tasks", "llm-foundry", name + ".yaml");
    TaskSpec task = TaskFiles.open(List.of(file.toString())).tasks().getFirst();
    List<TaskItem> items = items(task.withShots(shots), data);
    assertEquals(golden.get("n").intValue(), items.size());
    assertEquals(golden.get("sha256").textValue(), PromptHash.of(items));
  }

  private static List<TaskItem> items(TaskSpec task, Path data) {
    return new TaskPrompts(task, TaskData.read(task, Optional.of(data)), TaskPrompts.DEFAULT_SEED)
        .items(Integer.MAX_VALUE);
  }

  private static List<List<String>> texts(TaskItem item) {
    return item.requests().stream()
        .map(
            request ->
                switch (request) {
                  case TextRequest.Continuation(String context, String continuation) ->
                      List.of(context, continuation);
                  case TextRequest.Whole(String text) -> List.of(text);
                  case TextRequest.Completion completion -> List.of(completion.context());
                })
        .toList();
  }

  /** What lm-eval's target means: a choice's number, or a text. */
  private static Object right(JsonNode target, TaskItem item) {
    if (!(item.expected() instanceof TaskItem.Expected.Choice choice)) return target.asText();
    return target.isNumber() ? target.intValue() : choice.choices().indexOf(target.textValue());
  }

  private static Object expected(TaskItem item) {
    return switch (item.expected()) {
      case TaskItem.Expected.Choice choice -> choice.right().getFirst();
      case TaskItem.Expected.Likely likely -> likely.continuation();
      case TaskItem.Expected.LikelyText likely -> likely.text();
      case TaskItem.Expected.Texts texts -> texts.references().getFirst();
    };
  }
}
