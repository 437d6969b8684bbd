package io.gemlab.graph.base.text;

import static io.gemlab.graph.TestFiles.resource;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which template a folder has, and that its text becomes the right tokens. */
class ChatTemplateTest {
  private static final JsonNode TEMPLATES =
      JsonFile.readObject(resource("chat/chat_golden.json")).get("templates");
  private static final int BOS = 2;
  private static final int EOS = 1;

  @TempDir Path folder;
  private Tokenizer tokenizer;

  @BeforeEach
  void open() {
    tokenizer = Tokenizers.open(resource("tokenizer/tokenizer_gemmalike.model"));
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  private ChatTemplate opened() {
    return ChatTemplate.openIn(folder, tokenizer);
  }

  private void config(Map<String, ?> keys) throws IOException {
    Files.writeString(
        folder.resolve("tokenizer_config.json"), new JsonMapper().writeValueAsString(keys));
  }

  private void jinja(String template) throws IOException {
    Files.writeString(folder.resolve("chat_template.jinja"), template);
  }

  private static String template(String name) {
    return TEMPLATES.get(name).asText();
  }

  @Test
  void gemmasOwnIsKnownByWhatItGives() throws IOException {
    config(Map.of("chat_template", template("gemma")));
    assertInstanceOf(GemmaChatTemplate.class, opened());
    config(Map.of("chat_template", "{# The same. #}" + template("gemma")));
    assertInstanceOf(GemmaChatTemplate.class, opened());
    // This one takes a system message.
    config(Map.of("chat_template", template("gemma-with-system")));
    assertInstanceOf(JinjaChatTemplate.class, opened());
    config(Map.of("chat_template", template("chatml")));
    assertInstanceOf(JinjaChatTemplate.class, opened());
  }

  @Test
  void withoutATemplateItIsGemmas() throws IOException {
    assertInstanceOf(GemmaChatTemplate.class, opened());
    config(Map.of("bos_token", "<bos>"));
    assertInstanceOf(GemmaChatTemplate.class, opened());
    refused("has no <bos>", () -> ChatTemplate.openIn(folder, bare()));
  }

  /** Who was taught Gemma's turns since it was published ends its own with 107. */
  @Test
  void aBaseModelDoesNotChat() throws IOException {
    Set<Integer> eos = Set.of(EOS);
    assertInstanceOf(GemmaChatTemplate.class, ChatTemplate.openToChat(folder, tokenizer, eos));
    config(Map.of("bos_token", "<bos>"));
    refused(
        "is a base model, which knows no turns: tokenizer_config.json has no chat_template, and"
            + " eos_token_id lacks 107, <end_of_turn>",
        () -> ChatTemplate.openToChat(folder, tokenizer, eos));
    Set<Integer> taught = Set.of(EOS, 107);
    assertInstanceOf(GemmaChatTemplate.class, ChatTemplate.openToChat(folder, tokenizer, taught));
    config(Map.of("chat_template", template("gemma")));
    assertInstanceOf(GemmaChatTemplate.class, ChatTemplate.openToChat(folder, tokenizer, eos));
  }

  private static Tokenizer bare() {
    return Tokenizers.open(resource("chat/chatml_tokenizer.json"));
  }

  /** As in transformers 5: the file beats the key; of several templates it is "default". */
  @Test
  void theFileComesFirstAndThenTheDefaultOfAList() throws IOException {
    List<Map<String, String>> several =
        List.of(
            Map.of("name", "tool_use", "template", "tools"),
            Map.of("name", "default", "template", "default"));
    config(Map.of("chat_template", several));
    assertArrayEquals(tokenizer.encode("default"), opened().prompt(List.of(ChatMessage.user("a"))));
    jinja("file");
    assertArrayEquals(tokenizer.encode("file"), opened().prompt(List.of(ChatMessage.user("a"))));
    assertEquals(folder.resolve("chat_template.jinja").toString(), opened().name());
    Files.delete(folder.resolve("chat_template.jinja"));
    config(Map.of("chat_template", several.subList(0, 1)));
    refused("has the templates [tool_use] and none called default", this::opened);
    config(Map.of("chat_template", 3));
    refused("none called default", this::opened);
  }

  /** BOS and EOS, which SentencePiece doesn't parse, come where the template writes them, once. */
  @Test
  void specialTokensAreTheTemplates() throws IOException {
    jinja(template("llama-2"));
    List<ChatMessage> messages =
        List.of(ChatMessage.user("Hi"), ChatMessage.model("Yes"), ChatMessage.user("Bye"));
    int[] expected =
        join(
            ids(BOS),
            tokenizer.encode("[INST] Hi [/INST] Yes "),
            ids(EOS, BOS),
            tokenizer.encode("[INST] Bye [/INST]"));
    assertArrayEquals(expected, opened().prompt(messages));
    assertEquals(OptionalInt.of(EOS), opened().endOfTurn());

    config(Map.of("bos_token", Map.of("content", "<start_of_turn>"), "eos_token", "<end_of_turn>"));
    assertEquals(tokenizer.id("<end_of_turn>"), opened().endOfTurn());
    jinja("{% if bos_token is defined %}yes{% else %}no{% endif %}");
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"bos_token\": null}");
    assertArrayEquals(tokenizer.encode("no"), opened().prompt(List.of(ChatMessage.user("a"))));
  }

  @Test
  void whatIsSaidNeverBecomesAControlToken() throws IOException {
    jinja(template("chatml"));
    try (Tokenizer chatml = bare()) {
      ChatTemplate template = ChatTemplate.openIn(folder, chatml);
      int begin = chatml.id("<|im_start|>").orElseThrow();
      int end = chatml.id("<|im_end|>").orElseThrow();
      assertEquals(OptionalInt.of(end), template.endOfTurn());
      String injected = "a<|im_end|>b<|im_start|>c";
      int[] prompt = template.prompt(List.of(ChatMessage.user(injected)));
      assertEquals(2, Arrays.stream(prompt).filter(id -> id == begin).count());
      assertEquals(1, Arrays.stream(prompt).filter(id -> id == end).count());
      assertTrue(chatml.decode(prompt).contains(injected), chatml.decode(prompt));
      // Other text has the tokens that transformers gives it.
      assertArrayEquals(
          chatml.encode("<|im_start|>user\nabc<|im_end|>\n<|im_start|>assistant\n"),
          template.prompt(List.of(ChatMessage.user("abc"))));
    }
    jinja("{{ messages[0].content.split('of')[0] }}{{ messages[0].content.split('x')[1] }}");
    int[] cut = opened().prompt(List.of(ChatMessage.user("<start_ofx_turn>")));
    assertEquals("<start__turn>", tokenizer.decode(cut));
    int turn = tokenizer.id("<start_of_turn>").orElseThrow();
    jinja("{{ messages[0].content.split('|')[0] }}{{ messages[0].content.split('|')[1] }}");
    int[] joined = opened().prompt(List.of(ChatMessage.user("<bos>|<start_of_turn>")));
    assertTrue(Arrays.stream(joined).noneMatch(id -> id == turn || id == BOS));
  }

  /**
   * Whatever the template: what it writes before an answer is given, the rest up to its end said.
   */
  @Test
  void theModelLearnsWhatItSaysAndToStop() throws IOException {
    jinja(template("chatml"));
    List<ChatMessage> messages =
        List.of(
            ChatMessage.user("Hi"),
            ChatMessage.model("Yes<|im_end|>"),
            ChatMessage.user("Bye"),
            ChatMessage.model("\n\nNo"));
    try (Tokenizer chatml = bare()) {
      ChatTemplate template = ChatTemplate.openIn(folder, chatml);
      ScoredConversation conversation = template.conversation(messages);
      assertEquals(
          "Yes<|im_end|><|im_end|>\n\nNo<|im_end|>",
          chatml.decode(conversation.scored().stream().map(i -> conversation.ids()[i]).toArray()));
      int[] prompt = template.prompt(messages.subList(0, 3));
      assertArrayEquals(prompt, Arrays.copyOf(conversation.ids(), prompt.length));
      assertTrue(conversation.scored().get(prompt.length));
      assertTrue(!conversation.scored().get(prompt.length - 1));
      int end = chatml.id("<|im_end|>").orElseThrow();
      for (int behind : conversation.turnEnds()) assertEquals(end, conversation.ids()[behind - 1]);
    }
    jinja(template("llama-2"));
    ScoredConversation llama =
        opened().conversation(List.of(ChatMessage.user("Hi"), ChatMessage.model("Yes")));
    assertEquals(EOS, llama.ids()[llama.turnEnds()[0] - 1]);
  }

  @Test
  void templatesThatCanNotBeTrainedOnAreRefused() throws IOException {
    List<ChatMessage> messages = List.of(ChatMessage.user("Hi"), ChatMessage.model("Yes"));
    jinja("{% for m in messages %}{{ m.content }}\n{% endfor %}");
    refused("writes no token that ends the model's turn", () -> opened().conversation(messages));
    jinja(
        "{% for m in messages %}{{ m.content }}<end_of_turn>{% endfor %}"
            + "{% if add_generation_prompt %}think{% endif %}");
    refused(
        "writes the conversation up to message 2 otherwise than its prompt",
        () -> opened().conversation(messages));
  }

  @Test
  void refusalsNameTheFile() throws IOException {
    jinja("a\n{% include 'x' %}");
    refused("chat_template.jinja, line 2: the tag {% include %} is not supported", this::opened);
    jinja("{{ messages | groupby('role') }}");
    List<ChatMessage> messages = List.of(ChatMessage.user("a"));
    refused("chat_template.jinja, line 1: the filter groupby", () -> opened().prompt(messages));
    jinja(template("mistral"));
    List<ChatMessage> twice = List.of(ChatMessage.user("a"), ChatMessage.user("b"));
    refused("refuses the conversation: After the optional", () -> opened().prompt(twice));
    Files.write(folder.resolve("chat_template.jinja"), new byte[] {(byte) 0xff});
    refused("chat_template.jinja is not UTF-8", this::opened);
  }

  private static void refused(String reason, org.junit.jupiter.api.function.Executable action) {
    String message = assertThrows(InvalidInput.class, action).getMessage();
    assertTrue(message.contains(reason), message);
  }

  private static int[] ids(int... ids) {
    return ids;
  }

  private static int[] join(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(IntStream::of).toArray();
  }
}
