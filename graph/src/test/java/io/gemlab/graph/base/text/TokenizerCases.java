package io.gemlab.graph.base.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** What the tests of all tokenizers share: reference cases, and texts drawn at random. */
final class TokenizerCases {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TokenizerCases() {}

  static int[] ids(JsonNode array) {
    return JSON.convertValue(array, int[].class);
  }

  /** Encodes and decodes {@code {"text", "ids", "decoded"}}, and streams the ids. */
  static void assertCase(Tokenizer tokenizer, JsonNode expected) {
    String text = expected.path("text").textValue();
    int[] ids = ids(expected.path("ids"));
    assertArrayEquals(ids, tokenizer.encode(text), text);
    assertEquals(expected.path("decoded").textValue(), tokenizer.decode(ids));
    assertEquals(expected.path("decoded").textValue(), streamed(tokenizer, ids));
  }

  /** The ids one by one through a stream decoder, checking that no half character comes out. */
  static String streamed(Tokenizer tokenizer, int... ids) {
    StreamDecoder decoder = new StreamDecoder(tokenizer);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(decoder.push(id));
      assertEquals(text.toString(), Utf8.wellFormed(text.toString()));
    }
    return text.append(decoder.finish()).toString();
  }

  /** Mostly words and line ends, with characters of every length in UTF-8. */
  static String randomText(Random random) {
    IntPredicate usable = c -> Character.getType(c) != Character.SURROGATE && c != '\u2581';
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(40); i > 0; i--) {
      switch (random.nextInt(8)) {
        case 0 -> text.append(" ".repeat(random.nextInt(1, 40)));
        case 1 -> text.append("\n".repeat(random.nextInt(1, 40)));
        case 2 -> text.append("the king of ").append(random.nextInt(1000));
        case 3 -> text.append("<start_of_turn>user\n").append("<end_of_turn>");
        case 4 -> text.appendCodePoint(random.nextInt(0x1f300, 0x1f700));
        default ->
            IntStream.generate(() -> random.nextInt(1 << random.nextInt(1, 17)))
                .filter(usable)
                .limit(random.nextInt(6))
                .forEach(text::appendCodePoint);
      }
    }
    return text.toString();
  }
}
