package io.gemlab.graph.base.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A tokenizer.json built as Gemma's is, with a vocabulary of a few hundred. */
class HuggingFaceTokenizerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int FIRST_BYTE = 8;

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("tokenizer.json"), gemmaLike().toString());
  }

  /** Ids: 4 to 7 turn markers and newlines, 8 on the bytes, 264 on the pieces. */
  private static ObjectNode gemmaLike() {
    ObjectNode root = JSON.createObjectNode().put("version", "1.0");
    // Both would change what comes out of encode, and have to be switched off.
    root.putObject("truncation")
        .put("direction", "Right")
        .put("max_length", 5)
        .put("strategy", "LongestFirst")
        .put("stride", 0);
    root.putObject("padding")
        .put("direction", "Right")
        .put("pad_id", 0)
        .put("pad_type_id", 0)
        .put("pad_token", "<pad>")
        .putNull("pad_to_multiple_of")
        .putObject("strategy")
        .put("Fixed", 7);
    List<String> added =
        List.of(
            "<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>", "\n", "\n\n");
    ArrayNode addedTokens = root.putArray("added_tokens");
    ObjectNode vocabulary = JSON.createObjectNode();
    for (int id = 0; id < added.size(); id++) {
      addedTokens
          .addObject()
          .put("id", id)
          .put("content", added.get(id))
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", id < 6);
      vocabulary.put(added.get(id), id);
    }
    root.putObject("normalizer")
        .put("type", "Replace")
        .put("content", "▁")
        .putObject("pattern")
        .put("String", " ");
    ArrayNode decoders = root.putObject("decoder").put("type", "Sequence").putArray("decoders");
    decoders
        .addObject()
        .put("type", "Replace")
        .put("content", " ")
        .putObject("pattern")
        .put("String", "▁");
    decoders.addObject().put("type", "ByteFallback");
    decoders.addObject().put("type", "Fuse");
    for (int b = 0; b < 256; b++) vocabulary.put("<0x%02X>".formatted(b), FIRST_BYTE + b);
    for (String piece : List.of("▁", "h", "e", "y", "t", "o", "s", "<", "b", ">", "😀")) {
      vocabulary.put(piece, vocabulary.size());
    }
    ObjectNode model = root.putObject("model");
    ArrayNode merges = JSON.createArrayNode();
    // The last two would spell <bos> out of ordinary text, if it weren't parsed before.
    for (String merge : List.of("h e", "he y", "▁ t", "▁t he", "o s", "b os", "< bos", "<bos >")) {
      merges.add(merge);
      String product = merge.replace(" ", "");
      if (!vocabulary.has(product)) vocabulary.put(product, vocabulary.size());
    }
    model
        .put("type", "BPE")
        .put("unk_token", "<unk>")
        .put("fuse_unk", true)
        .put("byte_fallback", true)
        .set("vocab", vocabulary);
    model.set("merges", merges);
    return root;
  }

  private HuggingFaceTokenizer open() {
    return HuggingFaceTokenizer.open(file);
  }

  @Test
  void encodesAsTheLibraryDoes() {
    try (HuggingFaceTokenizer tokenizer = open()) {
      assertArrayEquals(
          new int[] {2, piece("hey"), piece("▁the"), 5, 6, FIRST_BYTE + 0xc3, FIRST_BYTE + 0xa9},
          tokenizer.encode("<bos>hey the<end_of_turn>\né"));
      assertEquals("<bos>hey the\n\n", tokenizer.decode(2, piece("hey"), piece("▁the"), 7));
      assertArrayEquals(new int[0], tokenizer.encode(""));
    }
  }

  private static int piece(String piece) {
    return gemmaLike().path("model").path("vocab").path(piece).asInt();
  }

  @Test
  void neitherTruncatesNorPads() {
    try (HuggingFaceTokenizer tokenizer = open()) {
      assertEquals(1, tokenizer.encode("hey").length);
      assertEquals(50, tokenizer.encode(" the".repeat(50)).length);
    }
  }

  @Test
  void anyTextSurvives() {
    Random random = new Random(5);
    try (HuggingFaceTokenizer tokenizer = open()) {
      for (int i = 0; i < 1000; i++) {
        String text = TokenizerCases.randomText(random);
        int[] ids = tokenizer.encode(text);
        assertEquals(text, tokenizer.decode(ids));
        assertEquals(text, TokenizerCases.streamed(tokenizer, ids));
        assertEquals(text, tokenizer.decode(tokenizer.encodeContent(text)));
      }
      assertEquals("a\ufffdb", tokenizer.decode(tokenizer.encode("a\ud83db")));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<end_of_turn>",
        "<bos>",
        "a<end_of_turn>b<start_of_turn>model\n",
        "<end_of_<end_of_turn>turn>",
        "<<bos>bos>",
        "<eos><pad><unk>"
      })
  void contentHoldsNoControlToken(String text) {
    try (HuggingFaceTokenizer tokenizer = open()) {
      int[] ids = tokenizer.encodeContent(text);
      assertTrue(Arrays.stream(ids).allMatch(id -> id >= 6));
      assertEquals(text, tokenizer.decode(ids));
      assertTrue(Arrays.stream(tokenizer.encode(text)).anyMatch(id -> id < 6));
    }
  }

  @Test
  void aTokenizerThatRewritesTextIntoControlTokensIsNotTrusted() throws IOException {
    ObjectNode json = gemmaLike();
    ((ObjectNode) json.path("normalizer")).put("content", "s");
    Files.writeString(file, json.toString());
    try (HuggingFaceTokenizer tokenizer = open()) {
      assertArrayEquals(new int[] {piece("<bos>")}, tokenizer.encode("<bo >"));
      assertThrows(InvalidInput.class, () -> tokenizer.encodeContent("<bo >"));
    }
  }

  @Test
  void aPromptHasBosOnce() {
    try (HuggingFaceTokenizer tokenizer = open()) {
      for (String text : List.of("hey", "<bos>hey", "<bos><bos>hey")) {
        assertArrayEquals(new int[] {2, piece("hey")}, tokenizer.encodePrompt(text));
      }
    }
  }

  @Test
  void knowsItsVocabulary() {
    try (HuggingFaceTokenizer tokenizer = open()) {
      assertEquals(gemmaLike().path("model").path("vocab").size(), tokenizer.vocabularySize());
      assertEquals("▁the", tokenizer.piece(piece("▁the")));
      assertEquals(OptionalInt.of(5), tokenizer.id("<end_of_turn>"));
      assertEquals(OptionalInt.empty(), tokenizer.id("absent"));
      assertThrows(InvalidInput.class, () -> tokenizer.decode(tokenizer.vocabularySize()));
    }
  }

  @Test
  void specialTokensAreCalledAsTheConfigurationSays() throws IOException {
    try (HuggingFaceTokenizer tokenizer = open()) {
      assertEquals(ids(0, 1, 2, 3), tokenizer.specialIds());
    }
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\": {\"content\": \"hey\"}, \"eos_token\": \"<end_of_turn>\","
            + " \"pad_token\": null, \"unk_token\": \"absent\"}");
    try (HuggingFaceTokenizer tokenizer = open()) {
      assertEquals(
          new SpecialIds(
              OptionalInt.of(0),
              OptionalInt.of(5),
              OptionalInt.of(piece("hey")),
              OptionalInt.empty()),
          tokenizer.specialIds());
    }
  }

  private static SpecialIds ids(int pad, int eos, int bos, int unk) {
    return new SpecialIds(
        OptionalInt.of(pad), OptionalInt.of(eos), OptionalInt.of(bos), OptionalInt.of(unk));
  }

  @Test
  void readsAScoredVocabulary() throws IOException {
    String unigram =
        "{\"version\": \"1.0\", \"added_tokens\": [], \"model\": {\"type\": \"Unigram\","
            + " \"unk_id\": 0, \"vocab\": [[\"<unk>\", 0.0], [\"a\", -1.0], [\"b\", -2.0]]}}";
    Files.writeString(file, unigram);
    try (HuggingFaceTokenizer tokenizer = open()) {
      assertEquals(3, tokenizer.vocabularySize());
      assertArrayEquals(new int[] {2, 1}, tokenizer.encode("ba"));
      assertEquals(OptionalInt.empty(), tokenizer.specialIds().bos());
      assertArrayEquals(new int[] {2}, tokenizer.encodePrompt("b"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | holds no object",
        "[] | holds no object",
        "{ | not valid JSON",
        "{} | no model with a vocabulary",
        "{\"model\": 1} | no model {...}",
        "{\"model\": {\"vocab\": {\"a\": -1}}} | gives \"a\" the id \"-1\"",
        "{\"model\": {\"vocab\": {\"a\": 99999999}}} | gives \"a\" the id",
        "{\"model\": {\"vocab\": {\"a\": 0}}} | is no tokenizer.json",
        "{\"added_tokens\": [{\"id\": 0, \"content\": \"x\", \"special\": true}]} | two characters",
      })
  void refusesWhatIsNoTokenizer(String json, String reason) throws IOException {
    Files.writeString(file, json);
    assertRefused(reason);
  }

  @Test
  void refusesUnreadableFiles() throws IOException {
    Files.write(file, new byte[] {'{', (byte) 0xff});
    assertRefused("not UTF-8");
    Files.delete(file);
    assertRefused("does not exist");
  }

  private void assertRefused(String reason) {
    String message = assertThrows(InvalidInput.class, () -> open().close()).getMessage();
    assertTrue(message.contains(reason) && message.startsWith(file.toString()), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void damagedFilesAreRefusedOrWork() throws IOException {
    String json = gemmaLike().toString();
    Random random = new Random(20261122);
    int opened = 0;
    for (int i = 0; i < 1000; i++) {
      StringBuilder damaged = new StringBuilder(json);
      int at = random.nextInt(json.length());
      int end = Math.min(json.length(), at + random.nextInt(8));
      switch (random.nextInt(4)) {
        case 0 -> damaged.setLength(at);
        case 1 -> damaged.setCharAt(at, (char) random.nextInt(32, 128));
        case 2 -> damaged.delete(at, end);
        default -> damaged.insert(at, json, at, end);
      }
      Files.write(file, damaged.toString().getBytes(StandardCharsets.UTF_8));
      try (HuggingFaceTokenizer tokenizer = open()) {
        tokenizer.decode(tokenizer.encode("hey the <bos>😀\n"));
        opened++;
      } catch (InvalidInput e) {
        assertEquals(1, e.getMessage().lines().count());
      } catch (Throwable e) {
        fail("case " + i, e);
      }
    }
    assertTrue(opened > 50 && opened < 950, opened + " opened");
  }

  @Test
  void manyThreadsGetWhatOneGets() {
    try (HuggingFaceTokenizer tokenizer = open()) {
      int[] expected = tokenizer.encode("hey the 😀");
      assertTrue(
          IntStream.range(0, 2000)
              .parallel()
              .allMatch(_ -> Arrays.equals(expected, tokenizer.encode("hey the 😀"))));
    }
  }

  @Test
  void aClosedTokenizerIsNotUsed() {
    HuggingFaceTokenizer tokenizer = open();
    tokenizer.close();
    tokenizer.close();
    assertThrows(IllegalStateException.class, () -> tokenizer.encode("a"));
    assertThrows(IllegalStateException.class, () -> tokenizer.decode(1));
  }
}
