package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.text.ByteTokenizer;
import io.gemlab.graph.base.text.Corpus;
import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.base.text.Tokenizers;
import java.nio.file.Path;
import java.util.List;

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
    if (corpus.equals(BUILT_IN)) return Corpus.builtIn();
    int split = corpus.lastIndexOf(JSON_LINES);
    if (split < 0) return Corpus.of(Path.of(corpus));
    int colon = split + JSON_LINES.length() - 1;
    return Corpus.ofJsonLines(Path.of(corpus.substring(0, colon)), corpus.substring(colon + 1));
  }

  /**
   * What makes tokens of it.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if there is no such tokenizer
   */
  public Tokenizer openTokenizer() {
    return tokenizer.equals(BYTES) ? new ByteTokenizer() : Tokenizers.open(Path.of(tokenizer));
  }

  /** SHA-256 of the tokenizer's file; empty for bytes, which have none. */
  public String tokenizerSha256() {
    return tokenizer.equals(BYTES) ? "" : Sha256.of(Tokenizers.file(Path.of(tokenizer)));
  }
}
