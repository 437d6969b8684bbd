package io.gemlab.graph.base.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.Passage.Part;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
  @TempDir Path folder;

  private static List<Passage> passages(Corpus corpus) {
    List<Passage> passages = new ArrayList<>();
    corpus.forEachPassage(passages::add);
    return passages;
  }

  private static String text(List<Passage> passages) {
    return passages.stream().map(Passage::text).collect(Collectors.joining());
  }

  @Test
  void theBuiltInOneIsShakespeare() {
    List<Passage> passages = passages(Corpus.builtIn());
    String text = text(passages);
    assertEquals(1_115_394, text.length());
    assertTrue(text.startsWith("First Citizen:\nBefore we proceed any further"));
    assertEquals("tinyshakespeare.txt", Corpus.builtIn().name());
    assertEquals(List.of(Part.FIRST, Part.LAST), passages.stream().map(Passage::part).toList());
    assertTrue(passages.getFirst().text().endsWith("\n"));
    assertFalse(passages.getLast().text().startsWith("\n"));
  }

  /** Where the text is and what it lies in doesn't matter; how it is cut into documents does. */
  @Test
  void theHashIsOfTheText() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "one two");
    Path lines =
        Files.writeString(folder.resolve("a.jsonl"), "{\"text\": \"one two\", \"n\": 1}\n");
    String hash = Corpus.of(file).sha256();
    assertEquals(64, hash.length());
    assertEquals(hash, Corpus.ofJsonLines(lines, "text").sha256());
    Files.writeString(lines, "{\"text\": \"one \"}\n{\"text\": \"two\"}\n");
    assertFalse(hash.equals(Corpus.ofJsonLines(lines, "text").sha256()));
    Files.writeString(file, "one twO");
    assertFalse(hash.equals(Corpus.of(file).sha256()));
  }

  @Test
  void aFileIsADocument() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "Größe\r\n😀");
    assertEquals(List.of(new Passage("Größe\r\n😀", Part.WHOLE)), passages(Corpus.of(file)));
    Files.writeString(file, "");
    assertEquals(List.of(), passages(Corpus.of(file)));
    Files.writeString(file, "\ufeffa\ufeff");
    assertEquals("a\ufeff", text(passages(Corpus.of(file))));
  }

  @Test
  void aFolderIsItsTextFilesInOrder() throws IOException {
    Files.createDirectories(folder.resolve("b"));
    Files.writeString(folder.resolve("c.txt"), "3");
    Files.writeString(folder.resolve("b").resolve("x.txt"), "2");
    Files.writeString(folder.resolve("a.txt"), "1");
    Files.writeString(folder.resolve("notes.md"), "no");
    assertEquals(
        List.of("1", "2", "3"), passages(Corpus.of(folder)).stream().map(Passage::text).toList());
    assertTrue(passages(Corpus.of(folder)).stream().allMatch(Passage::endsDocument));
  }

  /** Longer than a passage, without a newline, without a space, and cut within a pair. */
  @Test
  void longDocumentsComeInPassages() throws IOException {
    Random random = new Random(10);
    for (String filler : List.of("line\n", "word ", "x", "😀")) {
      String text = "y".repeat(random.nextInt(7)) + filler.repeat(5_000_000 / filler.length());
      Path file = Files.writeString(folder.resolve("long.txt"), text);
      List<Passage> passages = passages(Corpus.of(file));
      assertTrue(passages.size() > 2);
      assertEquals(text, text(passages));
      assertEquals(text, Utf8.wellFormed(passages.getFirst().text()) + rest(passages));
      assertTrue(passages.getFirst().startsDocument() && passages.getLast().endsDocument());
      for (Passage passage : passages) assertTrue(passage.text().length() <= 1_200_000);
    }
  }

  private static String rest(List<Passage> passages) {
    return text(passages.subList(1, passages.size()));
  }

  @Test
  void badBytesAreRefusedWithTheirOffset() throws IOException {
    Path file = folder.resolve("latin1.txt");
    String ascii = "0123456789".repeat(20_000);
    byte[] bytes = (ascii + "é").getBytes(StandardCharsets.ISO_8859_1);
    Files.write(file, bytes);
    assertRefused(
        file + " is not UTF-8: byte 0xE9 at offset 200000", () -> passages(Corpus.of(file)));
    Files.write(file, new byte[] {'o', 'k', (byte) 0xf0, (byte) 0x9f});
    assertRefused("byte 0xF0 at offset 2", () -> passages(Corpus.of(file)));
    Files.write(file, "\ufeffa".getBytes(StandardCharsets.UTF_16LE));
    assertRefused("byte 0xFF at offset 0", () -> passages(Corpus.of(file)));
  }

  @Test
  void aLineOfJsonIsADocument() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("a.jsonl"),
            "{\"text\": \"one\\ntwo\", \"n\": 1}\r\n\n{\"n\": 2, \"text\": \"😀\"}");
    Corpus corpus = Corpus.ofJsonLines(file, "text");
    assertEquals(file + ":text", corpus.name());
    assertEquals(
        List.of(new Passage("one\ntwo", Part.WHOLE), new Passage("😀", Part.WHOLE)),
        passages(corpus));
  }

  @Test
  void linesMayBeLongerThanABlock() throws IOException {
    Random random = new Random(11);
    List<String> texts = new ArrayList<>();
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      texts.add("é".repeat(random.nextInt(60_000)) + i);
      lines.append("{\"t\":\"").append(texts.getLast()).append("\"}\n");
    }
    Path file = Files.writeString(folder.resolve("a.jsonl"), lines);
    List<Passage> passages = passages(Corpus.ofJsonLines(file, "t"));
    assertEquals(texts, passages.stream().map(Passage::text).toList());
  }

  @Test
  void badLinesAreRefusedWithTheirNumber() throws IOException {
    Path file = Files.writeString(folder.resolve("a.jsonl"), "{\"text\": \"a\"}\n\n{\"text\": \n");
    Corpus corpus = Corpus.ofJsonLines(file, "text");
    assertRefused(file + ", line 3 is not valid JSON", () -> passages(corpus));
    Files.writeString(file, "{\"body\": \"a\", \"text\": 7}\n");
    assertRefused(
        "line 1 has no text in \"text\"; its fields are [\"body\", \"text\"]",
        () -> passages(corpus));
    Files.writeString(file, "{\"text\": \"a\"} {\"text\": \"b\"}\n");
    assertRefused("line 1 is not valid JSON", () -> passages(corpus));
    Files.writeString(file, "[1]\n");
    assertRefused("its fields are []", () -> passages(corpus));
  }

  @Test
  void absentCorporaAreRefused() throws IOException {
    Path absent = folder.resolve("absent");
    assertRefused("does not exist", () -> Corpus.of(absent));
    assertRefused("does not exist", () -> passages(Corpus.ofJsonLines(absent, "text")));
    assertRefused("has no .txt file", () -> Corpus.of(folder));
  }

  private static void assertRefused(String reason, Executable action) {
    String message = assertThrows(InvalidInput.class, action).getMessage();
    assertTrue(message.contains(reason), message);
    assertEquals(1, message.lines().count());
  }
}
