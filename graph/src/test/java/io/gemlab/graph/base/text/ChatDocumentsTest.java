package io.gemlab.graph.base.text;

import static io.gemlab.graph.TestFiles.resource;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.ops.Padding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatDocumentsTest {
  private static final int BOS = 2;
  private static final int START = 106;
  private static final int END = 107;
  private static final int NEWLINE = 108;

  @TempDir Path folder;
  private Tokenizer tokenizer;
  private GemmaChatTemplate template;

  @BeforeEach
  void open() {
    tokenizer = Tokenizers.open(resource("tokenizer/tokenizer_gemmalike.model"));
    template = new GemmaChatTemplate(tokenizer);
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  private ChatFile file(String... lines) throws IOException {
    return new ChatFile(Files.write(folder.resolve("chat.jsonl"), List.of(lines)));
  }

  private static String line(String... contents) {
    StringBuilder messages = new StringBuilder();
    for (int i = 0; i < contents.length; i++) {
      messages.append(
          "%s{\"role\": \"%s\", \"content\": \"%s\"}"
              .formatted(i == 0 ? "" : ", ", i % 2 == 0 ? "user" : "assistant", contents[i]));
    }
    return "{\"messages\": [" + messages + "], \"source\": 1}";
  }

  /**
   * Questions of GSM8K (github.com/openai/grade-school-math, MIT): every token's label, one by one.
   */
  @Test
  void everyLabelOfARealSample() {
    ChatFile sample = new ChatFile(resource("chat/gsm8k_sample.jsonl"));
    int length = 400;
    TokenDocuments documents = ChatDocuments.of(sample, template, length).documents();
    DocumentRows rows = DocumentRows.padded(documents, length, 0);
    List<String> alone = new ArrayList<>();
    sample.forEach(
        (messages, line) -> {
          int[] prompt = template.prompt(messages.subList(0, 1));
          int[] answer = tokenizer.encode(messages.get(1).content());
          int end = prompt.length + answer.length;
          int[] ids = Arrays.copyOf(prompt, length);
          System.arraycopy(answer, 0, ids, prompt.length, answer.length);
          ids[end] = END;
          ids[end + 1] = NEWLINE;
          int[] labels = new int[length];
          Arrays.fill(labels, Padding.LABEL);
          System.arraycopy(answer, 0, labels, prompt.length - 1, answer.length);
          labels[end - 1] = END;
          LabelledBatch row = rows.batch((int) line - 1);
          assertArrayEquals(ids, row.tokens().inputIds()[0]);
          assertArrayEquals(labels, row.labels()[0]);
          assertEquals(1, Arrays.stream(ids).filter(id -> id == BOS).count());
          assertEquals(2, Arrays.stream(ids).filter(id -> id == START).count());
          alone.add(shown(Arrays.copyOf(ids, end + 2), Arrays.copyOf(labels, end + 2)));
        });
    assertEquals(8, rows.count());
    alone.sort(null);
    assertEquals(alone, packed(DocumentRows.packed(documents, 2 * length, 0)));
  }

  /** Each document of packed rows, with its labels. */
  private static List<String> packed(DocumentRows rows) {
    LabelledBatch batch = rows.batch(IntStream.range(0, rows.count()).toArray());
    List<String> shown = new ArrayList<>();
    for (int b = 0; b < rows.count(); b++) {
      int[] documents = batch.tokens().documents()[b];
      for (int start = 0, end = 0; start < documents.length && documents[start] > 0; start = end) {
        while (end < documents.length && documents[end] == documents[start]) end++;
        shown.add(
            shown(
                Arrays.copyOfRange(batch.tokens().inputIds()[b], start, end),
                Arrays.copyOfRange(batch.labels()[b], start, end)));
      }
    }
    shown.sort(null);
    return shown;
  }

  private static String shown(int[] ids, int[] labels) {
    return Arrays.toString(ids) + Arrays.toString(labels);
  }

  /** In bytes a token: the first has one turn of the model too many, the second no room at all. */
  @Test
  void whatIsLongerThanARowIsCutOrLeftOutAndCounted() throws IOException {
    String long600 = "x ".repeat(300);
    ChatFile file =
        file(
            line("a", "b", "c", long600),
            line(long600, "b"),
            line("a", "b", long600),
            line("a", "b"));
    ChatDocuments chat = ChatDocuments.of(file, template, 40);
    assertEquals(3, chat.documents().count());
    assertEquals(1, chat.truncated());
    assertEquals(1, chat.leftOut());
    // What is left of the first is the last, but for the newline behind it.
    long[] bounds = chat.documents().bounds();
    long whole = bounds[3] - bounds[2];
    assertEquals(whole - 1, bounds[1]);
    assertEquals(whole, bounds[2] - bounds[1]);
    InvalidInput refused =
        assertThrows(InvalidInput.class, () -> ChatDocuments.of(file, template, 5));
    assertTrue(
        refused
            .getMessage()
            .contains("of 4 conversations none has a first answer that ends within"),
        refused.getMessage());
  }

  @Test
  void theHashIsOfWhatIsSaid() throws IOException {
    String hash = file(line("a", "b")).sha256();
    assertEquals(
        hash,
        file("{\"messages\": [{\"content\": \"a\", \"role\": \"user\"},"
                + " {\"role\": \"model\", \"content\": \"b\"}]}")
            .sha256());
    assertNotEquals(hash, file(line("ab", "")).sha256());
    assertNotEquals(hash, file(line("a", "b", "a", "b")).sha256());
    assertNotEquals(
        file(line("a", "b", "a", "b")).sha256(), file(line("a", "b"), line("a", "b")).sha256());
  }

  @Test
  void linesThatAreNoConversationsAreRefused() {
    refused("line 2 has no list of messages", line("a", "b"), "{\"text\": \"a\"}");
    refused("line 1 has no list of messages", "{\"messages\": []}");
    refused("line 1 is not valid JSON", "{");
    refused(
        "line 1, message 1: content is missing; give a text",
        "{\"messages\": [{\"role\": \"user\"}]}");
    refused(
        "line 1, message 1: content is \"[]\"; give a text",
        "{\"messages\": [{\"role\": \"user\", \"content\": []}]}");
    refused(
        "line 1, message 1: No role is called \"tool\"",
        "{\"messages\": [{\"role\": \"tool\", \"content\": \"\"}]}");
    refused("line 1 has no message of the model", line("a"));
    refused(
        "line 1: Gemma's chat template refuses the conversation: System",
        "{\"messages\": [{\"role\": \"system\", \"content\": \"\"}, {\"role\": \"model\","
            + " \"content\": \"\"}]}");
    refused("has no conversation", "");
  }

  private void refused(String reason, String... lines) {
    String message =
        assertThrows(InvalidInput.class, () -> ChatDocuments.of(file(lines), template, 100))
            .getMessage();
    assertTrue(message.contains(reason), message);
  }
}
