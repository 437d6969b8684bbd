package io.gemlab.experiments.train;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.ops.Padding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a model is given and what it is to predict, token by token, for people: whether prompts are
 * masked, whether turns end with a label, and where documents begin.
 */
public final class LabelTable {
  private static final String LINE = "%8s %8s %8s  %-24s %8s  %s";
  private static final String NONE = "-";

  private LabelTable() {}

  /**
   * A table of each row: position, document, id and spelling of the token; id and spelling of its
   * label, {@code -} where the position is not scored. Padding behind a row is one line.
   */
  public static List<String> lines(LabelledBatch batch, Tokenizer tokenizer) {
    TokenBatch tokens = batch.tokens();
    int[][] positions = tokens.positions();
    List<String> lines = new ArrayList<>();
    for (int b = 0; b < tokens.rows(); b++) {
      int[] ids = tokens.inputIds()[b];
      int[] documents = tokens.documents()[b];
      int[] labels = batch.labels()[b];
      int real = (int) Arrays.stream(documents).filter(document -> document > 0).count();
      lines.add(
          "row %d: %d tokens, %d documents, %d labels"
              .formatted(
                  b + 1,
                  real,
                  Arrays.stream(documents).max().orElseThrow(),
                  Arrays.stream(labels).filter(label -> !Padding.isLabel(label)).count()));
      lines.add(LINE.formatted("position", "document", "id", "token", "label", "its token"));
      for (int t = 0; t < ids.length; t++) {
        if (documents[t] == 0) continue;
        boolean scored = !Padding.isLabel(labels[t]);
        lines.add(
            LINE.formatted(
                    positions[b][t],
                    documents[t],
                    ids[t],
                    shown(tokenizer, ids[t]),
                    scored ? labels[t] : NONE,
                    scored ? shown(tokenizer, labels[t]) : "")
                .stripTrailing());
      }
      if (real < ids.length) lines.add("%d of padding".formatted(ids.length - real));
    }
    return lines;
  }

  /** A token's spelling on one line, whatever it holds. */
  private static String shown(Tokenizer tokenizer, int id) {
    return tokenizer
        .piece(id)
        .codePoints()
        .mapToObj(
            c ->
                switch (c) {
                  case '\n' -> "\\n";
                  case '\t' -> "\\t";
                  default ->
                      Character.isISOControl(c) ? "\\u%04x".formatted(c) : Character.toString(c);
                })
        .collect(Collectors.joining());
  }
}
