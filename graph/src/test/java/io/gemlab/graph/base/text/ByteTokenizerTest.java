package io.gemlab.graph.base.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteTokenizerTest {
  private final ByteTokenizer tokenizer = new ByteTokenizer();

  @Test
  void aTokenIsAByteBehindGemmasSpecialIds() {
    assertEquals(260, tokenizer.vocabularySize());
    assertArrayEquals(new int[] {4 + 'a', 4 + 0xc3, 4 + 0xa9, 4}, tokenizer.encode("aé\0"));
    assertArrayEquals(new int[] {2, 4 + 'a'}, tokenizer.encodePrompt("a"));
    assertEquals("aé", tokenizer.decode(2, 4 + 'a', 4 + 0xc3, 4 + 0xa9, 1, 0, 3));
    assertEquals("<bos>", tokenizer.decode(tokenizer.encode("<bos>")));
  }

  @Test
  void spellsItsPieces() {
    assertEquals("<eos>", tokenizer.piece(1));
    assertEquals("<0x0A>", tokenizer.piece(4 + '\n'));
    assertEquals("<0xFF>", tokenizer.piece(259));
    assertEquals(OptionalInt.of(2), tokenizer.id("<bos>"));
    assertThrows(InvalidInput.class, () -> tokenizer.piece(260));
    assertThrows(InvalidInput.class, () -> tokenizer.decode(-1));
  }

  @Test
  void anyTextSurvives() {
    Random random = new Random(6);
    for (int i = 0; i < 2000; i++) {
      String text = TokenizerCases.randomText(random);
      assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
      assertEquals(text, TokenizerCases.streamed(tokenizer, tokenizer.encode(text)));
    }
  }

  @Test
  void badBytesAreReplacedOneByOne() {
    assertEquals("\ufffd\ufffda", tokenizer.decode(4 + 0xe4, 4 + 0xb8, 4 + 'a'));
    assertEquals("\ufffd\ufffd\ufffd", tokenizer.decode(4 + 0xed, 4 + 0xa0, 4 + 0x80));
    assertEquals("é\ufffd", tokenizer.decode(4 + 0xc3, 4 + 0xa9, 4 + 0xff));
    assertEquals("?\ufffd", tokenizer.decode(tokenizer.encode("?\ud800")));
  }
}
