package io.gemlab.graph.base.text;

import static io.gemlab.graph.TestFiles.resource;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SentencePieceTokenizerTest {
  @TempDir Path folder;

  private static SentencePieceTokenizer open(String model) {
    return SentencePieceTokenizer.open(resource("tokenizer/" + model));
  }

  static Stream<Arguments> goldenModels() {
    JsonNode golden = JsonFile.readObject(resource("tokenizer/tokenizer_golden.json"));
    return golden.path("tokenizers").properties().stream()
        .map(model -> Arguments.of(model.getKey(), model.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("goldenModels")
  void agreesWithSentencePiece(String model, JsonNode golden) {
    try (SentencePieceTokenizer tokenizer = open(model)) {
      assertEquals(golden.path("pieces").asInt(), tokenizer.vocabularySize());
      assertEquals(
          new SpecialIds(
              OptionalInt.of(golden.path("pad").asInt()),
              OptionalInt.of(golden.path("eos").asInt()),
              OptionalInt.of(golden.path("bos").asInt()),
              OptionalInt.of(golden.path("unk").asInt())),
          tokenizer.specialIds());
      golden
          .path("special")
          .properties()
          .forEach(
              special ->
                  assertEquals(
                      OptionalInt.of(special.getValue().asInt()), tokenizer.id(special.getKey())));
      assertEquals(30, golden.path("cases").size());
      for (JsonNode expected : golden.path("cases")) {
        TokenizerCases.assertCase(tokenizer, expected);
        int[] ids = TokenizerCases.ids(expected.path("ids"));
        for (int i = 0; i < ids.length; i++) {
          assertEquals(expected.path("pieces").path(i).textValue(), tokenizer.piece(ids[i]));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tokenizer_tiny.model", "tokenizer_gemmalike.model"})
  void anyTextSurvives(String model) {
    Random random = new Random(3);
    try (SentencePieceTokenizer tokenizer = open(model)) {
      for (int i = 0; i < 2000; i++) {
        String text = TokenizerCases.randomText(random);
        int[] ids = tokenizer.encode(text);
        assertEquals(text, tokenizer.decode(ids));
        assertEquals(text, TokenizerCases.streamed(tokenizer, ids));
        assertEquals(text, tokenizer.decode(tokenizer.encodeContent(text)));
      }
    }
  }

  /** Bytes without a character included: what streams out is what decoding at once gives. */
  @Test
  void anyIdsStreamToTheirText() {
    Random random = new Random(4);
    try (SentencePieceTokenizer tokenizer = open("tokenizer_tiny.model")) {
      for (int i = 0; i < 2000; i++) {
        int bound = random.nextBoolean() ? 512 : 270;
        int[] ids = random.ints(random.nextInt(30), 0, bound).toArray();
        assertEquals(tokenizer.decode(ids), TokenizerCases.streamed(tokenizer, ids));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<end_of_turn>",
        "a<end_of_turn>b<start_of_turn>model\n",
        "<start_of_turn><end_of_turn><start_of_turn>",
        "<end_of_<end_of_turn>turn>",
        "<bos><eos><pad><unk>"
      })
  void contentHoldsNoControlToken(String text) {
    try (SentencePieceTokenizer tokenizer = open("tokenizer_gemmalike.model")) {
      int[] ids = tokenizer.encodeContent(text);
      assertTrue(Arrays.stream(ids).noneMatch(id -> id == 106 || id == 107 || id < 4));
      assertEquals(text, tokenizer.decode(ids));
      assertTrue(
          text.startsWith("<bos>")
              || Arrays.stream(tokenizer.encode(text)).anyMatch(id -> id == 106 || id == 107));
    }
  }

  @Test
  void contentWithoutControlTokensIsEncodedAsEver() {
    try (SentencePieceTokenizer tokenizer = open("tokenizer_gemmalike.model")) {
      String text = "<table>\n\n  naïve <end of turn> 😀";
      assertArrayEquals(tokenizer.encode(text), tokenizer.encodeContent(text));
    }
  }

  @Test
  void aPromptHasBosOnce() {
    try (SentencePieceTokenizer tokenizer = open("tokenizer_gemmalike.model")) {
      int[] ids = tokenizer.encode("Hello");
      int[] prompt = tokenizer.encodePrompt("Hello");
      assertEquals(2, prompt[0]);
      assertArrayEquals(ids, Arrays.copyOfRange(prompt, 1, prompt.length));
      assertArrayEquals(new int[] {2}, tokenizer.encodePrompt(""));
    }
  }

  @Test
  void controlPiecesHaveNoTextAndUnpairedSurrogatesAreReplaced() {
    try (SentencePieceTokenizer tokenizer = open("tokenizer_tiny.model")) {
      assertEquals("", tokenizer.decode(0, 1, 2));
      assertEquals(" \u2047 ", tokenizer.decode(3));
      assertEquals("a\ufffdb", tokenizer.decode(tokenizer.encode("a\ud83db")));
      assertThrows(InvalidInput.class, () -> tokenizer.decode(512));
      assertThrows(InvalidInput.class, () -> tokenizer.decode(-1));
      assertThrows(InvalidInput.class, () -> tokenizer.piece(512));
    }
  }

  @Test
  void aClosedTokenizerIsNotUsed() {
    SentencePieceTokenizer tokenizer = open("tokenizer_tiny.model");
    tokenizer.close();
    tokenizer.close();
    assertThrows(IllegalStateException.class, () -> tokenizer.encode("a"));
  }

  @Test
  void manyThreadsGetWhatOneGets() {
    try (SentencePieceTokenizer tokenizer = open("tokenizer_gemmalike.model")) {
      int[] expected = tokenizer.encode("many threads 😀");
      assertTrue(
          IntStream.range(0, 2000)
              .parallel()
              .allMatch(_ -> Arrays.equals(expected, tokenizer.encode("many threads 😀"))));
    }
  }

  @Test
  void refusesModelsThatRewriteText() throws IOException {
    byte[] bytes = Files.readAllBytes(resource("tokenizer/tokenizer_tiny.model"));
    // A second normalizer_spec adds to the first: field 3, two bytes, add_dummy_prefix = true.
    byte[] rewriting = Arrays.copyOf(bytes, bytes.length + 4);
    System.arraycopy(new byte[] {0x1a, 2, 0x18, 1}, 0, rewriting, bytes.length, 4);
    Path file = Files.write(folder.resolve("rewriting.model"), rewriting);
    assertRefused(file, "use the model's tokenizer.json instead");
  }

  @Test
  void refusesWhatIsNoModel() throws IOException {
    Path file = folder.resolve("tokenizer.model");
    assertRefused(file, "does not exist");
    assertRefused(Files.write(file, new byte[0]), "no pieces");
    assertRefused(Files.writeString(file, "nonsense"), "is no SentencePiece model");
    assertRefused(Files.write(file, new byte[] {0x0a, 3, 0x0a, 1, (byte) 0xff}), "UTF-8");
    assertRefused(Files.write(file, new byte[] {0x0a, 2, 0x0a, 0}), "is empty");
    assertRefused(Files.write(file, new byte[] {0x0a, 5, 0x0a, 1, 'a', 0x18, 9}), "kind 9");
  }

  private static void assertRefused(Path file, String reason) {
    String message =
        assertThrows(InvalidInput.class, () -> SentencePieceTokenizer.open(file).close())
            .getMessage();
    assertTrue(message.contains(reason), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void damagedModelsAreRefusedOrWork() throws IOException {
    byte[] model = Files.readAllBytes(resource("tokenizer/tokenizer_tiny.model"));
    Random random = new Random(20261122);
    Path file = folder.resolve("fuzz.model");
    int opened = 0;
    for (int i = 0; i < 1500; i++) {
      byte[] bytes = model.clone();
      for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      if (random.nextInt(4) == 0) bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      Files.write(file, bytes);
      try (SentencePieceTokenizer tokenizer = SentencePieceTokenizer.open(file)) {
        String text = tokenizer.decode(tokenizer.encode("Hello, 世界 😀\n\n  x"));
        assertFalse(text.isEmpty());
        opened++;
      } catch (InvalidInput e) {
        assertEquals(1, e.getMessage().lines().count());
      } catch (Throwable e) {
        fail("case " + i, e);
      }
    }
    assertTrue(opened > 150 && opened < 1350, opened + " opened");
  }
}
