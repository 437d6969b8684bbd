package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.batch.Packing;
import io.gemlab.graph.base.text.TokenType;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a corpus becomes rows, and their order, where a recipe says so: {@code gemlab train}. An
 * ablation's rows are runs of tokens, in an order drawn by the run's seed.
 *
 * @param rows what a row holds
 * @param shuffleSeed of the rows' order, whatever seed the weights are drawn by
 * @param tokenType of the ids of a token file without a header; empty where there is one
 */
public record RowsSpec(Rows rows, long shuffleSeed, Optional<TokenType> tokenType) {
  /** What a row holds. */
  public enum Rows {
    /** Tokens of the corpus as they come, cut anywhere. */
    RUN(Packing.NONE),
    /** Whole documents, as many as fit, which don't see each other. */
    DOCUMENTS(Packing.DOCUMENTS),
    /** One document, and padding behind it. */
    PADDED(Packing.NONE);

    private final Packing packing;

    Rows(Packing packing) {
      this.packing = packing;
    }

    /** What a training step's rows hold. */
    public Packing packing() {
      return packing;
    }

    /** As a recipe has it. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final List<String> ROW_LABELS = Stream.of(Rows.values()).map(Rows::label).toList();

  private static final Key<String> ROWS =
      Key.of(
          "rows",
          Kind.TEXT,
          new Values.OneOf(ROW_LABELS, ""),
          "`run`: the corpus as it comes, cut anywhere; `documents`: whole documents, as many as fit"
              + " a row, which don't see each other; `padded`: one document a row. Of the latter"
              + " two a document that is longer than a row goes on in the next ones; a conversation"
              + " is cut behind its last answer that fits.");
  private static final Key<Integer> SHUFFLE_SEED =
      Key.of(
          "shuffle_seed",
          Kind.INTEGER,
          Values.ANY,
          "Draws the order of the rows, each epoch's another.");
  private static final Key<String> TOKEN_TYPE =
      Key.of(
              "token_type",
              Kind.TEXT,
              new Values.OneOf(TokenType.labels(), ""),
              "The ids of a `.bin` file that has no `.bin.json` beside it; left out elsewhere.")
          .orNull();

  /** What {@link #of} reads. */
  public static final List<Key<?>> KEYS = List.of(ROWS, SHUFFLE_SEED, TOKEN_TYPE);

  /**
   * Reads {@code rows}, {@code shuffle_seed} and, where it is given, {@code token_type}.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if a value is missing or can't be
   */
  public static RowsSpec of(Fields fields) {
    return new RowsSpec(
        Choices.named(ROWS.name(), fields.get(ROWS), List.of(Rows.values()), Rows::label),
        fields.get(SHUFFLE_SEED),
        fields.has(TOKEN_TYPE.name())
            ? Optional.of(TokenType.named(fields.get(TOKEN_TYPE)))
            : Optional.empty());
  }

  /** All of it, for a record. */
  public ObjectNode json() {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put(ROWS.name(), rows.label())
            .put(SHUFFLE_SEED.name(), shuffleSeed);
    tokenType.ifPresent(type -> json.put(TOKEN_TYPE.name(), type.label()));
    return json;
  }
}
