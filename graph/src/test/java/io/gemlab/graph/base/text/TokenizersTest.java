package io.gemlab.graph.base.text;

import static io.gemlab.graph.TestFiles.resource;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizersTest {
  private static final String UNIGRAM =
      "{\"version\": \"1.0\", \"model\": {\"type\": \"Unigram\", \"unk_id\": 0,"
          + " \"vocab\": [[\"<unk>\", 0.0], [\"a\", -1.0]]}}";

  @TempDir Path folder;

  @Test
  void picksByTheFile() throws IOException {
    Path model = resource("tokenizer/tokenizer_tiny.model");
    try (Tokenizer tokenizer = Tokenizers.open(model)) {
      assertInstanceOf(SentencePieceTokenizer.class, tokenizer);
    }
    Files.copy(model, folder.resolve("tokenizer.model"));
    try (Tokenizer tokenizer = Tokenizers.open(folder)) {
      assertEquals(512, tokenizer.vocabularySize());
    }
    Files.writeString(folder.resolve("tokenizer.json"), UNIGRAM);
    try (Tokenizer tokenizer = Tokenizers.open(folder)) {
      assertEquals(2, tokenizer.vocabularySize());
    }
    try (Tokenizer tokenizer = Tokenizers.open(folder.resolve("tokenizer.json"))) {
      assertInstanceOf(HuggingFaceTokenizer.class, tokenizer);
    }
  }

  @Test
  void refusesAnythingElse() throws IOException {
    assertRefused(folder, "has neither a tokenizer.json nor a tokenizer.model");
    assertRefused(Files.createFile(folder.resolve("vocab.txt")), "is no tokenizer: name a");
    assertRefused(folder.resolve("absent.json"), "does not exist");
    assertRefused(Files.createFile(folder.resolve("empty.model")), "no pieces");
    assertRefused(Files.createFile(folder.resolve("empty.json")), "holds no object");
  }

  private static void assertRefused(Path path, String reason) {
    String message =
        assertThrows(InvalidInput.class, () -> Tokenizers.open(path).close()).getMessage();
    assertTrue(message.contains(reason) && message.startsWith(path.toString()), message);
  }
}
