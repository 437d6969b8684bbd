package io.gemlab.graph.base.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The byte tokenizer and its {@code tokenizer.json} give the same ids and the same text. */
final class ByteTokenizerJsonTest {
  @Test
  void encodesAndDecodesAlike(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), ByteTokenizer.json());
    try (Tokenizer bytes = new ByteTokenizer();
        Tokenizer read = Tokenizers.open(file)) {
      assertEquals(bytes.vocabularySize(), read.vocabularySize());
      assertEquals(bytes.specialIds(), read.specialIds());
      StringBuilder all = new StringBuilder();
      for (int point = 0; point < 0x250; point++) all.appendCodePoint(point);
      for (String text :
          new String[] {"To be, or\n\n not", " ", "", "tab\tété 🙂 \u00a0", all.toString()}) {
        assertArrayEquals(bytes.encodeContent(text), read.encodeContent(text), text);
        assertEquals(text, read.decode(read.encodeContent(text)));
        assertArrayEquals(bytes.encodePrompt(text), read.encodePrompt(text), text);
      }
    }
  }
}
