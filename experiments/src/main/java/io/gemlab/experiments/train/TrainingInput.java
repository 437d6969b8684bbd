package io.gemlab.experiments.train;

import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.experiments.recipe.RowsSpec;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.ChatDocuments;
import io.gemlab.graph.base.text.ChatFile;
import io.gemlab.graph.base.text.ChatTemplate;
import io.gemlab.graph.base.text.Corpus;
import io.gemlab.graph.base.text.DocumentRows;
import io.gemlab.graph.base.text.EncodedCorpus;
import io.gemlab.graph.base.text.MappedTokens;
import io.gemlab.graph.base.text.SpecialIds;
import io.gemlab.graph.base.text.TokenDocuments;
import io.gemlab.graph.base.text.TokenFileHeader;
import io.gemlab.graph.base.text.TokenSequences;
import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.base.text.TrainingRows;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.ops.attention.AttentionMask;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a recipe's data holds, as rows, checked before the first step: every id has a place in the
 * model's vocabulary, and no document has BOS but in front; where documents stand in rows by
 * themselves, each has it there.
 *
 * <p>The corpus is text as an ablation's, a {@code .jsonl} of conversations, or a {@code .bin} of
 * tokens. Its tail is for validation, and training sees none of its tokens: documents and
 * conversations are not cut for that, unless one is so long that it would be the better part of the
 * tail; a run of tokens is cut where an ablation would.
 */
public final class TrainingInput implements AutoCloseable {
  private static final String CONVERSATIONS = ".jsonl";
  private static final String TOKENS = ".bin";

  private final Tokenizer tokenizer;
  private final Optional<MappedTokens> mapped;
  private final TrainingRows training;
  private final TrainingRows validation;
  private final Summary summary;
  private final OptionalInt bos;

  private TrainingInput(
      Tokenizer tokenizer,
      Found found,
      TrainingRows training,
      TrainingRows validation,
      OptionalInt bos,
      long begun) {
    this.tokenizer = tokenizer;
    this.bos = bos;
    this.mapped = found.mapped();
    this.training = training;
    this.validation = validation;
    this.summary =
        new Summary(
            found.sha256(),
            found.chatTemplate(),
            found.answerEnd(),
            found.documents().count(),
            found.documents().size(),
            begun,
            found.truncated(),
            found.leftOut(),
            training.count(),
            training.scored());
  }

  /**
   * What a report says of the data.
   *
   * @param corpusSha256 tells the corpus from others
   * @param chatTemplate what made tokens of conversations; empty for other data
   * @param answerEnd the token behind an answer of conversations
   * @param documents how many there are, those for validation among them
   * @param tokens in all of them
   * @param bos how many begin with BOS
   * @param truncated conversations that lost answers, which a row has no room for
   * @param leftOut conversations of which a row has no room for one answer
   * @param rows to train on
   * @param scored positions that they score: an epoch's
   */
  public record Summary(
      String corpusSha256,
      Optional<String> chatTemplate,
      OptionalInt answerEnd,
      long documents,
      long tokens,
      long bos,
      long truncated,
      long leftOut,
      long rows,
      long scored) {

    /** What of the data is not trained on, in a line each. */
    public List<String> notTrainedOn() {
      List<String> lines = new ArrayList<>();
      if (truncated > 0) {
        lines.add(
            "%d of %d conversations are longer than a row and lost their last answers"
                .formatted(truncated, documents));
      }
      if (leftOut > 0) {
        lines.add(
            "%d conversations are left out: not one of their answers ends within a row"
                .formatted(leftOut));
      }
      return lines;
    }
  }

  /** Documents, and what is known of where they come from. */
  private record Found(
      TokenDocuments documents,
      String sha256,
      Optional<MappedTokens> mapped,
      Optional<String> chatTemplate,
      OptionalInt answerEnd,
      long truncated,
      long leftOut) {}

  /**
   * Reads a recipe's data.
   *
   * @param validationFraction the share of the tokens, from the end, that is never trained on
   * @param config of the model that is trained
   * @throws InvalidInput if it can't be read or trained on, or is too short for a row of each kind
   */
  public static TrainingInput open(
      DataSpec data, RowsSpec rows, double validationFraction, Gemma2Config config) {
    if (rows.rows() == RowsSpec.Rows.DOCUMENTS
        && data.length() > AttentionMask.LONGEST_OF_DOCUMENTS) {
      throw new InvalidInput(
          "length is %d, and rows: documents have %d tokens at most; give fewer, or rows: run"
              .formatted(data.length(), AttentionMask.LONGEST_OF_DOCUMENTS));
    }
    Tokenizer tokenizer = data.openTokenizer();
    Found found = null;
    try {
      TrainingData.requireFits(tokenizer, config);
      found = found(data, rows, tokenizer);
      SpecialIds special = tokenizer.specialIds();
      // A token that is both only parts documents.
      OptionalInt bos = special.bos().equals(special.eos()) ? OptionalInt.empty() : special.bos();
      long begun = found.documents().requireSound(data.corpus(), config.vocabSize(), bos);
      if (rows.rows() != RowsSpec.Rows.RUN) found.documents().requireBegun(data.corpus(), bos);
      TokenDocuments.Split split = split(data, rows, found, validationFraction);
      int padding = special.pad().orElse(0);
      TrainingRows training = rows(rows, split.training(), data.length(), padding);
      TrainingRows validation = rows(rows, split.validation(), data.length(), padding);
      if (training.count() == 0 || validation.count() == 0) {
        throw new InvalidInput(
            "%s has %d tokens in %d documents, too few for training and validation (fraction %s) in rows of %d: give more text or a smaller length"
                .formatted(
                    data.corpus(),
                    found.documents().size(),
                    found.documents().count(),
                    validationFraction,
                    data.length()));
      }
      return new TrainingInput(tokenizer, found, training, validation, bos, begun);
    } catch (RuntimeException e) {
      if (found != null) found.mapped().ifPresent(MappedTokens::close);
      tokenizer.close();
      throw e;
    }
  }

  private static Found found(DataSpec data, RowsSpec rows, Tokenizer tokenizer) {
    if (data.corpus().endsWith(TOKENS)) return tokens(data, rows, tokenizer);
    if (rows.tokenType().isPresent()) {
      throw new InvalidInput(
          "token_type is of a token file, and %s is none; leave it out".formatted(data.corpus()));
    }
    if (data.corpus().endsWith(CONVERSATIONS)) return conversations(data, rows, tokenizer);
    Corpus corpus = data.openCorpus();
    return new Found(
        EncodedCorpus.of(corpus, tokenizer).documents(),
        corpus.sha256(),
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        0,
        0);
  }

  private static Found conversations(DataSpec data, RowsSpec rows, Tokenizer tokenizer) {
    InvalidInput.requireExists(Path.of(data.corpus()));
    if (rows.rows() == RowsSpec.Rows.RUN) {
      throw new InvalidInput(
          "%s holds conversations, and rows: run cuts anywhere; choose documents or padded"
              .formatted(data.corpus()));
    }
    ChatFile file = new ChatFile(Path.of(data.corpus()));
    ChatTemplate template = data.openChatTemplate(tokenizer);
    ChatDocuments chat = ChatDocuments.of(file, template, data.length());
    return new Found(
        chat.documents(),
        file.sha256(),
        Optional.empty(),
        Optional.of(template.name()),
        template.endOfTurn(),
        chat.truncated(),
        chat.leftOut());
  }

  private static Found tokens(DataSpec data, RowsSpec rows, Tokenizer tokenizer) {
    Path file = Path.of(data.corpus());
    MappedTokens mapped = MappedTokens.open(file, rows.tokenType());
    try {
      Optional<TokenFileHeader> header = mapped.header();
      if (header.isPresent() && !header.get().tokenizerSha256().equals(data.tokenizerSha256())) {
        throw new InvalidInput(
            "%s was made with another tokenizer (%s) than %s; name that one"
                .formatted(file, header.get().tokenizer(), data.tokenizer()));
      }
      return new Found(
          mapped.documents(tokenizer.specialIds()),
          header.map(TokenFileHeader::corpusSha256).orElseGet(() -> Sha256.of(file)),
          Optional.of(mapped),
          Optional.empty(),
          OptionalInt.empty(),
          0,
          0);
    } catch (RuntimeException e) {
      mapped.close();
      throw e;
    }
  }

  private static TokenDocuments.Split split(
      DataSpec data, RowsSpec rows, Found found, double fraction) {
    TokenDocuments documents = found.documents();
    if (rows.rows() == RowsSpec.Rows.RUN) return documents.splitAnywhere(fraction);
    if (documents.scored().isEmpty()) return documents.split(fraction);
    return documents
        .splitBetween(fraction)
        .orElseThrow(
            () ->
                new InvalidInput(
                    data.corpus()
                        + " has one conversation that fits a row; give two or more, one of them to"
                        + " validate on"));
  }

  private static TrainingRows rows(
      RowsSpec spec, TokenDocuments documents, int length, int padding) {
    return switch (spec.rows()) {
      case RUN -> TokenSequences.of(documents, length);
      case DOCUMENTS -> DocumentRows.packed(documents, length, padding);
      case PADDED -> DocumentRows.padded(documents, length, padding);
    };
  }

  /** What made the tokens; open as long as this is. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** The token that begins a document; empty where the tokenizer has none for that alone. */
  public OptionalInt bos() {
    return bos;
  }

  /** All but the tail. */
  public TrainingRows training() {
    return training;
  }

  /** The tail. */
  public TrainingRows validation() {
    return validation;
  }

  /** What a report says of it. */
  public Summary summary() {
    return summary;
  }

  /** Frees the tokenizer and the token file; no row can be asked for afterwards. */
  @Override
  public void close() {
    mapped.ifPresent(MappedTokens::close);
    tokenizer.close();
  }
}
