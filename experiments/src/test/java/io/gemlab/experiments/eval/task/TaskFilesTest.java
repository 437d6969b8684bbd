package io.gemlab.experiments.eval.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tasks in files: what is read, and what is refused by name. */
class TaskFilesTest {
  private static final String TASK =
      """
      task: mine
      dataset_path: json
      dataset_kwargs:
        data_files:
          test: test.jsonl
      test_split: test
      output_type: multiple_choice
      doc_to_text: "{{q}}"
      doc_to_target: "{{gold}}"
      doc_to_choice: ["a", "b"]
      """;

  @TempDir Path folder;

  @Test
  void everyBuiltInTaskIsRead() {
    TaskFiles.Selection all = TaskFiles.open(TaskFiles.BUILT_IN);
    assertEquals(9 + 57, all.tasks().size());
    assertEquals(
        List.of("mmlu_stem", "mmlu_other", "mmlu_social_sciences", "mmlu_humanities", "mmlu"),
        all.groups().stream().map(GroupSpec::name).toList());
    assertEquals(57, all.groups().getLast().tasks().size());
    TaskSpec anatomy =
        all.tasks().stream()
            .filter(each -> each.name().equals("mmlu_anatomy"))
            .findFirst()
            .orElseThrow();
    assertEquals(Optional.of("anatomy"), anatomy.dataset().name());
    assertEquals(5, anatomy.shots());
  }

  /** Gemma 2's report, table of pre-trained benchmarks. */
  @ParameterizedTest
  @CsvSource({
    "arc_easy,0",
    "arc_challenge,25",
    "hellaswag,10",
    "winogrande,5",
    "piqa,0",
    "boolq,0",
    "gsm8k,5"
  })
  void shotsAreTheReports(String name, int shots) {
    assertEquals(shots, TaskFiles.open(List.of(name)).tasks().getFirst().shots());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "doc_to_txt: a                             | key \"doc_to_txt\" is not known; did you mean doc_to_text?",
        "process_results: !function utils.process  | process_results is not done: it is Python",
        "doc_to_image: [x]                         | doc_to_image is not done: it shows images",
        "process_docs: !function utils.mine        | !function utils.mine, which has no twin",
        "output_type: guess                        | output_type \"guess\" is not known",
        "metric_list: [{metric: f1}]               | the metric \"f1\" is not known",
        "metric_list: [{metric: acc, weight: 2}]   | key \"weight\" is not known",
        "filter_list: [{name: x, filter: [{function: majority_vote}]}] | function \"majority_vote\" is not known",
        "repeats: 8                                | repeats is 8",
        "unsafe_code: true                         | unsafe_code is true",
        "doc_to_text: '{{ q'                       | doc_to_text, line 1: {{ has no end",
        "doc_to_text: !!python/object:os.system x  | is not valid YAML: the tag",
        "include: mine.yaml                        | includes itself",
        "generation_kwargs: {beams: 3}             | key \"beams\" is not known",
        "fewshot_config: {sampler: balanced}       | sampler \"balanced\" is not known",
        "num_fewshot: -1                           | num_fewshot is -1; give 0 or more"
      })
  void whatIsNotKnownIsRefusedByName(String line, String message) throws IOException {
    String key = line.substring(0, line.indexOf(':') + 1);
    String rest =
        TASK.lines().filter(each -> !each.startsWith(key)).reduce("", (a, b) -> a + b + "\n");
    Path file = Files.writeString(folder.resolve("mine.yaml"), rest + line + "\n");
    InvalidInput e =
        assertThrows(InvalidInput.class, () -> TaskFiles.open(List.of(file.toString())));
    assertTrue(e.getMessage().contains(message), e::getMessage);
    assertEquals(1, e.getMessage().lines().count());
  }

  @Test
  void aTaskThatIsNotThereIsSaid() {
    InvalidInput e = assertThrows(InvalidInput.class, () -> TaskFiles.open(List.of("hellaswagg")));
    assertTrue(e.getMessage().contains("did you mean hellaswag?"), e::getMessage);
    e = assertThrows(InvalidInput.class, () -> TaskFiles.open(List.of("copa", "copa")));
    assertTrue(e.getMessage().contains("copa is named twice"), e::getMessage);
  }

  /** A Python file beside a task that names its functions must be the one that has a twin. */
  @Test
  void anotherPythonFileHasNoTwins() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("mine.yaml"),
            TASK.replace("dataset_path: json", "dataset_path: Rowan/hellaswag")
                + "process_docs: !function utils.process_docs\n");
    assertTrue(TaskFiles.open(List.of(file.toString())).tasks().getFirst().process().isPresent());
    Files.writeString(folder.resolve("utils.py"), "def process_docs(d): return d\n");
    InvalidInput e =
        assertThrows(InvalidInput.class, () -> TaskFiles.open(List.of(file.toString())));
    assertTrue(e.getMessage().contains("utils.py is not lm-evaluation-harness"), e::getMessage);
  }

  /** A group's own keys hold for its members; what a member says holds over them. */
  @Test
  void groupsAreReadFromFilesBesideThem() throws IOException {
    Files.writeString(folder.resolve("mine.yaml"), TASK);
    Path file =
        Files.writeString(
            folder.resolve("all.yaml"),
            """
            group: all
            task:
              - mine
              - task: copa
                num_fewshot: 3
            num_fewshot: 2
            aggregate_metric_list: [{metric: acc, weight_by_size: false}]
            """);
    TaskFiles.Selection selection = TaskFiles.open(List.of(file.toString()));
    assertEquals(List.of(2, 3), selection.tasks().stream().map(TaskSpec::shots).toList());
    assertEquals(
        List.of(
            new GroupSpec(
                "all",
                Optional.empty(),
                List.of("mine", "copa"),
                List.of(new GroupSpec.Average("acc", false)))),
        selection.groups());
  }

  /** As lm-evaluation-harness's MMLU is: names of groups and tags, in files called otherwise. */
  @Test
  void aNameMayBeAGroupsOrATag() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), TASK + "tag: mine_tasks\n");
    Files.writeString(
        folder.resolve("b.yaml"), TASK.replace("mine", "other") + "tag: [some, mine_tasks]\n");
    Files.writeString(folder.resolve("c.yaml"), "no: task\n");
    Files.writeString(folder.resolve("_sub.yaml"), "group: sub\ntask: [mine_tasks]\n");
    Path all = Files.writeString(folder.resolve("_all.yaml"), "group: all\ntask: [sub]\n");
    TaskFiles.Selection selection = TaskFiles.open(List.of(all.toString()));
    assertEquals(List.of("mine", "other"), selection.tasks().stream().map(TaskSpec::name).toList());
    assertEquals(List.of("sub", "all"), selection.groups().stream().map(GroupSpec::name).toList());
    Files.writeString(all, "group: all\ntask: [nothing]\n");
    InvalidInput e =
        assertThrows(InvalidInput.class, () -> TaskFiles.open(List.of(all.toString())));
    assertTrue(e.getMessage().contains("nothing beside it is called nothing"), e::getMessage);
    Files.writeString(all, "group: all\ntask: [all]\n");
    e = assertThrows(InvalidInput.class, () -> TaskFiles.open(List.of(all.toString())));
    assertTrue(e.getMessage().contains("_all.yaml holds itself"), e::getMessage);
  }

  /** A field that only some lines have is None in the others, and one that none has is said. */
  @Test
  void documentsThatLackAFieldAreSaid() throws IOException {
    Files.writeString(folder.resolve("test.jsonl"), "{\"q\": \"x\", \"gold\": 1}\n{\"gold\": 0}\n");
    Path file = Files.writeString(folder.resolve("mine.yaml"), TASK);
    TaskSpec task = TaskFiles.open(List.of(file.toString())).tasks().getFirst();
    TaskData data = TaskData.read(task, Optional.empty());
    List<TaskItem> items = new TaskPrompts(task, data, 0).items(9);
    assertEquals(
        List.of(
            new TextRequest.Continuation("None", " a"), new TextRequest.Continuation("None", " b")),
        items.get(1).requests());
    Files.writeString(file, TASK.replace("{{q}}", "{{question}}"));
    TaskSpec other = TaskFiles.open(List.of(file.toString())).tasks().getFirst();
    InvalidInput e =
        assertThrows(InvalidInput.class, () -> new TaskPrompts(other, data, 0).items(9));
    assertTrue(e.getMessage().startsWith("task mine, document 0: "), e::getMessage);
    assertTrue(e.getMessage().contains("\"question\" is undefined"), e::getMessage);
  }

  /** Shards, with the hash that older downloads have in their names, in their order. */
  @Test
  void splitsMayBeInSeveralFiles() throws IOException {
    Path data = Files.createDirectories(folder.resolve("piqa/data"));
    String line = "{\"goal\": \"%s\", \"sol1\": \"a\", \"sol2\": \"b\", \"label\": 0}\n";
    for (String name : List.of("validation-00001-of-00002", "validation-00000-of-00002")) {
      Files.writeString(
          data.resolve(name + "-0123456789abcdef.jsonl"), line.formatted(name.charAt(15)));
    }
    Files.writeString(data.resolve("train-00000-of-00001.jsonl"), line.formatted("train"));
    TaskSpec task = TaskFiles.open(List.of("piqa")).tasks().getFirst();
    List<Document> asked = TaskData.read(task, Optional.of(folder)).evaluated();
    assertEquals(List.of("0", "1"), asked.stream().map(each -> each.text("goal")).toList());
    Path lambada = Files.createDirectories(folder.resolve("lambada_openai/data"));
    Files.writeString(lambada.resolve("lambada_test.jsonl"), "{\"text\": \"in English\"}\n");
    Files.writeString(lambada.resolve("lambada_test_de.jsonl"), "{\"text\": \"auf Deutsch\"}\n");
    TaskSpec words = TaskFiles.open(List.of("lambada_openai")).tasks().getFirst();
    assertEquals(
        "in English",
        TaskData.read(words, Optional.of(folder)).evaluated().getFirst().text("text"));
  }

  @Test
  void dataThatIsNotThereIsSaidWithTheCommandThatGetsIt() {
    TaskSpec task = TaskFiles.open(List.of("piqa")).tasks().getFirst();
    InvalidInput e =
        assertThrows(InvalidInput.class, () -> TaskData.read(task, Optional.of(folder)));
    assertTrue(
        e.getMessage().contains("hf download --repo-type dataset baber/piqa --local-dir DIR"),
        e::getMessage);
  }

  @Test
  void examplesThatAreNotThereAreSaid() throws IOException {
    Files.writeString(folder.resolve("test.jsonl"), "{\"q\": \"x\", \"gold\": 1}\n".repeat(3));
    Path file =
        Files.writeString(
            folder.resolve("mine.yaml"),
            TASK + "fewshot_split: test\nfewshot_config: {fewshot_indices: [0, 3]}\n");
    TaskSpec task = TaskFiles.open(List.of(file.toString())).tasks().getFirst();
    assertEquals(3, items(task).size()); // no shots are asked for
    InvalidInput e = assertThrows(InvalidInput.class, () -> items(task.withShots(1)));
    assertTrue(e.getMessage().contains("fewshot_indices holds 3"), e::getMessage);
    // lm-eval would show each document its own answer.
    Files.writeString(file, TASK);
    TaskSpec alone = TaskFiles.open(List.of(file.toString())).tasks().getFirst().withShots(1);
    e = assertThrows(InvalidInput.class, () -> items(alone));
    assertTrue(e.getMessage().contains("each document's own answer"), e::getMessage);
  }

  private static List<TaskItem> items(TaskSpec task) {
    return new TaskPrompts(task, TaskData.read(task, Optional.empty()), 0).items(9);
  }

  @Test
  void pythonsLiteralsAreRead() {
    assertEquals(
        Optional.of(
            List.of("it's", "a\n\"b\"", "\u00e9\ud83d\ude00", 3L, -2.5, true, List.of("x"))),
        PythonLiteral.parse(
            " [\"it's\", 'a\\n\"b\"', '\\xe9\\U0001f600', 3, -2.5, True, ('x',)] "));
    for (String none :
        List.of("[a]", "['a'", "['a' 3]", "[1] 2", "", "[\"a\n\"]", "[".repeat(9999))) {
      assertEquals(Optional.empty(), PythonLiteral.parse(none), none);
    }
  }
}
