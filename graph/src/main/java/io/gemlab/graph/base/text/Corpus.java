package io.gemlab.graph.base.text;

import static io.gemlab.graph.base.input.InvalidInput.shown;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.Passage.Part;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Documents of text to train on. Reading streams: no file is in memory whole.
 *
 * <p>A text file is one document. One of over a million characters comes in several passages, cut
 * behind a newline where there is one, so that Gemma's tokens, none of which spans the end of a run
 * of newlines, are the same as those of the whole.
 */
public sealed interface Corpus {
  /** Stands between documents in {@link #sha256}. */
  byte NEVER_IN_UTF_8 = (byte) 0xff;

  /** How reports call it. */
  String name();

  /**
   * Reads the whole corpus, always in the same order.
   *
   * @throws InvalidInput if a file can't be read, is not UTF-8, or is not of the corpus's kind
   */
  void forEachPassage(Consumer<Passage> action);

  /**
   * Tells one text from another: SHA-256 over the documents and where each ends, 64 hexadecimal
   * digits. Where the files are, and what else is in them, doesn't count.
   *
   * @throws InvalidInput as {@link #forEachPassage}
   */
  default String sha256() {
    Sha256.Pieces pieces = new Sha256.Pieces();
    forEachPassage(
        passage -> {
          pieces.add(passage.text().getBytes(StandardCharsets.UTF_8));
          if (passage.endsDocument()) pieces.add(NEVER_IN_UTF_8);
        });
    return pieces.hex();
  }

  /**
   * The works of Shakespeare, 1,115,394 characters, in the public domain; from karpathy/char-rnn,
   * data/tinyshakespeare/input.txt.
   */
  static Corpus builtIn() {
    return new BuiltIn("tinyshakespeare.txt");
  }

  /**
   * A text file, or all the {@code .txt} files of a folder and its folders in the order of their
   * paths.
   *
   * @throws InvalidInput if {@code path} is absent, or a folder without such a file
   */
  static Corpus of(Path path) {
    if (!Files.exists(path)) throw new InvalidInput(path + " does not exist: check the path");
    if (!Files.isDirectory(path)) return new TextFiles(path.toString(), List.of(path));
    try (Stream<Path> files = Files.walk(path)) {
      List<Path> texts = files.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
      if (texts.isEmpty()) {
        throw new InvalidInput(path + " has no .txt file: name a folder of texts");
      }
      return new TextFiles(path.toString(), texts);
    } catch (IOException e) {
      throw InvalidInput.unreadable(path, e);
    } catch (UncheckedIOException e) {
      throw InvalidInput.unreadable(path, e.getCause());
    }
  }

  /** A file with a JSON object a line, each a document whose text is in {@code field}. */
  static Corpus ofJsonLines(Path file, String field) {
    return new JsonTexts(file, field);
  }

  /** See {@link #builtIn}. */
  record BuiltIn(String name) implements Corpus {
    @Override
    public void forEachPassage(Consumer<Passage> action) {
      try (InputStream stream = Corpus.class.getResourceAsStream(name)) {
        Passages.ofDocument(new Utf8Reader(name, stream), action);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** See {@link #of}. */
  record TextFiles(String name, List<Path> files) implements Corpus {
    @Override
    public void forEachPassage(Consumer<Passage> action) {
      for (Path file : files) {
        try (InputStream stream = Files.newInputStream(file)) {
          Passages.ofDocument(new Utf8Reader(file.toString(), stream), action);
        } catch (IOException e) {
          throw InvalidInput.unreadable(file, e);
        }
      }
    }
  }

  /** See {@link #ofJsonLines}. */
  record JsonTexts(Path file, String field) implements Corpus {
    @Override
    public String name() {
      return file + ":" + field;
    }

    @Override
    public void forEachPassage(Consumer<Passage> action) {
      JsonLines.forEach(
          file, (line, number) -> action.accept(new Passage(text(line, number), Part.WHOLE)));
    }

    private String text(JsonNode line, long number) {
      JsonNode text = line.path(field);
      if (text.isTextual()) return text.textValue();
      List<String> fields =
          line.properties().stream().map(property -> shown(property.getKey())).limit(10).toList();
      throw new InvalidInput(
          "%s, line %d has no text in %s; its fields are %s: name the one that holds the text"
              .formatted(file, number, shown(field), fields));
    }
  }
}
