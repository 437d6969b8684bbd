package io.gemlab.experiments.eval.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FieldNamesTest {
  private static final String PROMPT =
      "Passage: Note: a plan.\nQuestion: Why?\nAnswer: So.\n\nPassage: Another.\nQuestion: How?\nAnswer:";

  private static final List<TaskItem> ITEMS =
      List.of(item(PROMPT), item("Question: Answer: no?\nHint: it rains\nAnswer:"));

  /** Only what all prompts have counts, and only where a line begins. */
  @Test
  void fieldsAreWhatAllPromptsHave() {
    assertEquals(Set.of("Question", "Answer"), FieldNames.of("qa", ITEMS).names());
    assertEquals(
        Set.of("Passage", "Question", "Answer"),
        FieldNames.of("qa", List.of(item(PROMPT))).names());
    InvalidInput none =
        assertThrows(InvalidInput.class, () -> FieldNames.of("copa", List.of(item("It rained"))));
    assertTrue(none.getMessage().contains("the prompts of copa have no field names"));
  }

  @Test
  void fieldsAreWrittenOtherwiseInExamplesToo() {
    List<TaskItem> written =
        FieldNames.of("qa", ITEMS)
            .written(ITEMS, new PromptFormat(PromptFormat.Casing.UPPER, " -", " "));
    assertEquals(
        "Passage: Note: a plan. QUESTION - Why? ANSWER - So.\n\nPassage: Another. QUESTION - How? ANSWER -",
        prompt(written.get(0)));
    assertEquals("QUESTION - Answer: no?\nHint: it rains ANSWER -", prompt(written.get(1)));
    assertEquals(ITEMS.get(0).expected(), written.get(0).expected());
  }

  /** The first of the twelve changes nothing, and no two are alike. */
  @Test
  void twelveFormatsDiffer() {
    assertEquals(12, PromptFormat.ALL.size());
    FieldNames fields = FieldNames.of("qa", ITEMS);
    assertEquals(ITEMS, fields.written(ITEMS, PromptFormat.ALL.getFirst()));
    Set<String> prompts = new HashSet<>();
    for (PromptFormat format : PromptFormat.ALL) {
      prompts.add(prompt(fields.written(ITEMS, format).getFirst()));
    }
    assertEquals(12, prompts.size());
  }

  private static TaskItem item(String prompt) {
    return new TaskItem(
        0,
        List.of(new TextRequest.Continuation(prompt, " So")),
        new TaskItem.Expected.Likely(" So"),
        Optional.empty());
  }

  private static String prompt(TaskItem item) {
    return ((TextRequest.Continuation) item.requests().getFirst()).context();
  }
}
