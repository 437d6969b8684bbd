package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.text.ByteTokenizer;
import io.gemlab.graph.base.text.ChatTemplate;
import io.gemlab.graph.base.text.Corpus;
import io.gemlab.graph.base.text.GemmaChatTemplate;
import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.base.text.Tokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The text that is trained on, and how it is cut.
 *
 * @param corpus {@code built-in}, a file or folder of text, or {@code FILE.jsonl:FIELD}
 * @param tokenizer {@code bytes} or a tokenizer's file
 * @param batch sequences a step
 * @param length tokens a sequence
 */
public record DataSpec(String corpus, String tokenizer, int batch, int length) {
  private static final String BUILT_IN = "built-in";
  private static final String BYTES = "bytes";
  private static final String JSON_LINES = ".jsonl:";
  private static final Key<String> CORPUS =
      Key.of(
          "corpus",
          Kind.TEXT,
          Values.ANY,
          "`built-in` (tinyshakespeare), a text file, a folder of `.txt`, or `FILE.jsonl:FIELD`.");
  private static final Key<String> TOKENIZER =
      Key.of(
          "tokenizer",
          Kind.TEXT,
          Values.ANY,
          "`bytes`, or a `tokenizer.json` or `tokenizer.model`.");
  private static final Key<Integer> BATCH =
      Key.of("batch", Kind.INTEGER, Values.atLeast(1), "sequences", "Sequences of a step.");
  private static final Key<Integer> LENGTH =
      Key.of("length", Kind.INTEGER, Values.atLeast(1), "tokens", "Tokens of a sequence.");

  /** What {@link #of} reads. */
  public static final List<Key<?>> KEYS = List.of(CORPUS, TOKENIZER, BATCH, LENGTH);

  public DataSpec {
    Require.positive("batch", batch);
    Require.positive("length", length);
  }

  /**
   * Reads {@code corpus}, {@code tokenizer}, {@code batch} and {@code length}.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if a value is missing or can't be
   */
  public static DataSpec of(Fields fields) {
    return new DataSpec(
        fields.get(CORPUS), fields.get(TOKENIZER), fields.get(BATCH), fields.get(LENGTH));
  }

  /** Tokens of a step. */
  public long tokens() {
    return (long) batch * length;
  }

  /** How the text is cut, as a recipe has it; not the text, which a hash tells. */
  public ObjectNode json() {
    return JsonNodeFactory.instance.objectNode().put("batch", batch).put("length", length);
  }

  /**
   * The text.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if there is none
   */
  public Corpus openCorpus() {
    return openCorpus(corpus);
  }

  /** The text that a recipe calls {@code name}; throws as {@link #openCorpus()}. */
  public static Corpus openCorpus(String name) {
    if (name.equals(BUILT_IN)) return Corpus.builtIn();
    int split = name.lastIndexOf(JSON_LINES);
    if (split < 0) return Corpus.of(Path.of(name));
    int colon = split + JSON_LINES.length() - 1;
    return Corpus.ofJsonLines(Path.of(name.substring(0, colon)), name.substring(colon + 1));
  }

  /**
   * What makes tokens of it.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if there is no such tokenizer
   */
  public Tokenizer openTokenizer() {
    return openTokenizer(tokenizer);
  }

  /** What a recipe calls {@code name}; throws as {@link #openTokenizer()}. */
  public static Tokenizer openTokenizer(String name) {
    return name.equals(BYTES) ? new ByteTokenizer() : Tokenizers.open(Path.of(name));
  }

  /**
   * What makes tokens of conversations: the template that stands beside the tokenizer, as in a
   * checkpoint's folder, or else Gemma's.
   *
   * @param opened the tokenizer
   * @throws io.gemlab.graph.base.input.InvalidInput if the template can't be read, or the tokenizer
   *     has no tokens for turns
   */
  public ChatTemplate openChatTemplate(Tokenizer opened) {
    return tokenizer.equals(BYTES)
        ? new GemmaChatTemplate(opened)
        : ChatTemplate.openIn(
            Tokenizers.file(Path.of(tokenizer)).toAbsolutePath().getParent(), opened);
  }

  /**
   * The tokenizer's files, by the names that a checkpoint folder has them by.
   *
   * @param folder where that of bytes is written, which has none
   */
  public Map<String, Path> tokenizerFiles(Path folder) throws IOException {
    if (!tokenizer.equals(BYTES)) return Tokenizers.files(Path.of(tokenizer));
    Path file = folder.resolve("tokenizer.json");
    WholeFile.write(file, ByteTokenizer.json().getBytes(StandardCharsets.UTF_8));
    return Tokenizers.files(file);
  }

  /** Whether the tokenizer is the one in a checkpoint's folder. */
  public boolean hasTokenizerOf(Path checkpoint) throws IOException {
    if (tokenizer.equals(BYTES)) return false;
    Path folder = Tokenizers.file(Path.of(tokenizer)).toAbsolutePath().getParent();
    return Files.isSameFile(folder, checkpoint);
  }

  /** SHA-256 of the tokenizer's file; empty for bytes, which have none. */
  public String tokenizerSha256() {
    return tokenizerSha256(tokenizer);
  }

  /** SHA-256 of the tokenizer's file, or of what would stand in it for bytes. */
  public String tokenizerContentSha256() {
    return tokenizer.equals(BYTES) ? Sha256.of(ByteTokenizer.json()) : tokenizerSha256();
  }

  /** SHA-256 of the file that a recipe calls {@code name}; empty for bytes. */
  public static String tokenizerSha256(String name) {
    return name.equals(BYTES) ? "" : Sha256.of(Tokenizers.file(Path.of(name)));
  }
}
