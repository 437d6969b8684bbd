package io.gemlab.graph.base.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.TokenFileWriter.NamedTokenizer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Token files, written and mapped. */
class TokenFilesTest {
  private static final NamedTokenizer BYTES = new NamedTokenizer(new ByteTokenizer(), "bytes", "");
  private static final SpecialIds SPECIAL = BYTES.tokenizer().specialIds();

  @TempDir Path folder;
  private Path file;
  private Corpus corpus;

  @BeforeEach
  void write() throws IOException {
    Path texts = Files.createDirectory(folder.resolve("texts"));
    Files.writeString(texts.resolve("a.txt"), "one");
    Files.writeString(texts.resolve("b.txt"), "");
    Files.writeString(texts.resolve("c.txt"), "three, which is longer");
    corpus = Corpus.of(texts);
    file = folder.resolve("corpus.bin");
  }

  private static MappedTokens open(Path file) {
    return MappedTokens.open(file, Optional.empty());
  }

  @Test
  void whatIsWrittenIsWhatIsEncoded() throws IOException {
    List<Long> progress = new ArrayList<>();
    TokenFileHeader header = TokenFileWriter.write(corpus, BYTES, file, progress::add);
    TokenDocuments encoded = EncodedCorpus.of(corpus, BYTES.tokenizer()).documents();
    try (MappedTokens tokens = open(file)) {
      assertEquals(header, tokens.header().orElseThrow());
      assertEquals(
          new TokenFileHeader(
              TokenType.UINT16, 260, "bytes", "", corpus.name(), corpus.sha256(), 29, 2),
          header);
      TokenDocuments documents = tokens.documents(SPECIAL);
      assertArrayEquals(encoded.bounds(), documents.bounds());
      assertArrayEquals(encoded.tokens().copy(0, 29), tokens.copy(0, 29));
      assertEquals(2, documents.requireSound("x", 260, SPECIAL.bos()));
    }
    assertEquals(List.of(29L), progress);
    assertEquals(58, Files.size(file));
    try (var left = Files.list(folder)) {
      assertEquals(3, left.count());
    }
  }

  /** Little-endian, nothing before or between: numpy.fromfile(file, "<u2") reads it. */
  @Test
  void theBytesAreThoseOfAnArray() throws IOException {
    Files.write(file, new byte[] {1, 0, (byte) 0xff, (byte) 0xff, 2, 1});
    try (MappedTokens tokens = MappedTokens.open(file, Optional.of(TokenType.UINT16))) {
      assertArrayEquals(new int[] {1, 65535, 258}, tokens.copy(0, 3));
    }
    Files.write(file, new byte[] {1, 0, 0, 0, 2, 1, 3, 0});
    try (MappedTokens tokens = MappedTokens.open(file, Optional.of(TokenType.UINT32))) {
      assertArrayEquals(new int[] {1, 0x030102}, tokens.copy(0, 2));
    }
    assertEquals(TokenType.UINT16, TokenType.of(65536));
    assertEquals(TokenType.UINT32, TokenType.of(65537));
  }

  /** As nanoGPT writes them: an end of text behind each document, and no beginning. */
  @Test
  void filesWithoutAHeaderHaveTheirTypeNamed() throws IOException {
    Files.write(file, new byte[] {5, 0, 6, 0, 1, 0, 7, 0, 1, 0});
    refused("has no corpus.bin.json beside it", () -> open(file));
    try (MappedTokens tokens = MappedTokens.open(file, Optional.of(TokenType.UINT16))) {
      assertTrue(tokens.header().isEmpty());
      assertArrayEquals(new long[] {0, 3, 5}, tokens.documents(SPECIAL).bounds());
      // Where nothing ends documents, what begins them parts them; and else nothing does.
      SpecialIds begun =
          new SpecialIds(
              OptionalInt.empty(), OptionalInt.of(99), OptionalInt.of(7), OptionalInt.empty());
      assertArrayEquals(new long[] {0, 3, 5}, tokens.documents(begun).bounds());
      OptionalInt none = OptionalInt.empty();
      SpecialIds nothing = new SpecialIds(none, none, none, none);
      assertArrayEquals(new long[] {0, 5}, tokens.documents(nothing).bounds());
    }
  }

  /** BOS twice is not a document without a text. */
  @Test
  void aSecondBosIsFound() throws IOException {
    Files.write(file, new byte[] {2, 0, 2, 0, 7, 0, 1, 0});
    try (MappedTokens tokens = MappedTokens.open(file, Optional.of(TokenType.UINT16))) {
      TokenDocuments documents = tokens.documents(SPECIAL);
      assertThrows(InvalidInput.class, () -> documents.requireSound("x", 260, SPECIAL.bos()));
    }
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    TokenFileWriter.write(corpus, BYTES, file, _ -> {});
    refused(
        "holds uint16 and the recipe says uint32",
        () -> MappedTokens.open(file, Optional.of(TokenType.UINT32)));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, 57));
    refused("has 57 bytes, and ids of uint16 take 2 each", () -> open(file));
    Files.write(file, Arrays.copyOf(whole, 56));
    refused("has 28 tokens and corpus.bin.json says 29", () -> open(file));
    whole[4] = 1;
    Files.write(file, whole);
    try (MappedTokens tokens = open(file)) {
      refused(
          "has 3 documents by BOS and EOS and corpus.bin.json says 2",
          () -> tokens.documents(SPECIAL));
    }
    Files.writeString(TokenFileHeader.beside(file), "{\"format\": \"other\"}");
    refused("the format is \"other\" and not gemlab tokens 1", () -> open(file));
    Files.writeString(TokenFileHeader.beside(file), "{\"format\": \"gemlab tokens 1\"}");
    refused("token type \"\" is not known", () -> open(file));
    Files.writeString(file, "");
    Files.delete(TokenFileHeader.beside(file));
    refused("has 0 bytes", () -> MappedTokens.open(file, Optional.of(TokenType.UINT16)));
    refused(
        "does not exist",
        () -> MappedTokens.open(folder.resolve("x.bin"), Optional.of(TokenType.UINT16)));
  }

  /** More than a ByteBuffer maps: a file with a hole, of which little is on the disk. */
  @Test
  void over2GiBAreMapped() throws IOException {
    long ids = (1L << 30) + 5;
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(2 * ids);
      sparse.seek(2 * (ids - 1));
      sparse.write(new byte[] {7, 1});
    }
    try (MappedTokens tokens = MappedTokens.open(file, Optional.of(TokenType.UINT16))) {
      assertEquals(ids, tokens.size());
      assertEquals(263, tokens.at(ids - 1));
      TokenSequences rows = TokenSequences.of(new TokenDocuments(tokens, 0, ids), 4);
      int[] last = rows.batch(rows.count() - 1).labels()[0];
      assertArrayEquals(new int[] {0, 0, 0, 263}, last);
    }
  }

  /** The earlier file stays, and nothing else. */
  @Test
  void aCorpusThatCanNotBeReadLeavesNothing() throws IOException {
    TokenFileWriter.write(corpus, BYTES, file, _ -> {});
    byte[] before = Files.readAllBytes(file);
    Path lines = Files.writeString(folder.resolve("a.jsonl"), "{\"t\": \"a\"}\n{\"u\": 1}\n");
    Corpus broken = Corpus.ofJsonLines(lines, "t");
    refused("line 2 has no text", () -> TokenFileWriter.write(broken, BYTES, file, _ -> {}));
    assertArrayEquals(before, Files.readAllBytes(file));
    try (var left = Files.list(folder)) {
      assertFalse(left.anyMatch(path -> path.toString().contains("partial")));
    }
    open(file).close();
  }

  private static void refused(String reason, org.junit.jupiter.api.function.Executable action) {
    String message = assertThrows(InvalidInput.class, action).getMessage();
    assertTrue(message.contains(reason), message);
  }
}
