package io.gemlab.graph.base.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamDecoderTest {
  private final Tokenizer bytes = new ByteTokenizer();

  private List<String> given(int... values) {
    StreamDecoder decoder = new StreamDecoder(bytes);
    List<String> given = new ArrayList<>();
    for (int value : values) given.add(decoder.push(4 + value));
    given.add(decoder.finish());
    return given;
  }

  @Test
  void aCharacterComesWithItsLastByte() {
    assertEquals(List.of("a", "", "é", ""), given('a', 0xc3, 0xa9));
    assertEquals(List.of("", "", "", "😀", "b", ""), given(0xf0, 0x9f, 0x98, 0x80, 'b'));
  }

  @Test
  void whatNeverBecomesACharacterComesAsSoonAsThatIsSure() {
    assertEquals(List.of("", "", "\ufffd\ufffda", ""), given(0xf0, 0x9f, 'a'));
    assertEquals(
        List.of("", "", "", "\ufffd", "\ufffd", "\ufffd\ufffd\ufffd"),
        given(0x80, 0x80, 0x80, 0x80, 0x80));
    assertEquals("\ufffd\ufffd😀", String.join("", given(0x80, 0x80, 0xf0, 0x9f, 0x98, 0x80)));
  }

  @Test
  void finishGivesTheRestAndStartsAnew() {
    StreamDecoder decoder = new StreamDecoder(bytes);
    assertEquals("", decoder.push(4 + 0xe4));
    assertEquals("\ufffd", decoder.finish());
    assertEquals("", decoder.finish());
    assertEquals("x", decoder.push(4 + 'x'));
  }

  @Test
  void anyBytesStreamToTheirText() {
    Random random = new Random(8);
    for (int i = 0; i < 5000; i++) {
      int[] ids = random.ints(random.nextInt(20), random.nextBoolean() ? 4 : 132, 260).toArray();
      assertEquals(bytes.decode(ids), TokenizerCases.streamed(bytes, ids));
    }
  }
}
