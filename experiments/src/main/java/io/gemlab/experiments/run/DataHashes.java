package io.gemlab.experiments.run;

import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.reports.record.Data;
import java.util.HashMap;
import java.util.Map;

/** Hashes of the texts that runs read, each text read once. */
public final class DataHashes {
  private final Map<String, String> corpora = new HashMap<>();
  private final Map<String, String> tokenizers = new HashMap<>();
  private final boolean trusting;

  private DataHashes(boolean trusting) {
    this.trusting = trusting;
  }

  /** For whoever reads the texts anyway: what has the same name is still compared. */
  public static DataHashes reading() {
    return new DataHashes(false);
  }

  /**
   * For whoever only reads records, perhaps where the texts are not: what has the name that a
   * record holds is the record's.
   */
  public static DataHashes byName() {
    return new DataHashes(true);
  }

  /** Whether the text that a record names is taken for this one without a look at it. */
  boolean taken(Data recorded, DataSpec spec) {
    return trusting
        && recorded.getCorpus().equals(spec.corpus())
        && recorded.getTokenizer().equals(spec.tokenizer());
  }

  /**
   * As a record holds it.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if a text or a tokenizer can't be read
   */
  Data of(DataSpec spec) {
    return Data.newBuilder()
        .setCorpus(spec.corpus())
        .setCorpusSha256(corpora.computeIfAbsent(spec.corpus(), _ -> spec.openCorpus().sha256()))
        .setTokenizer(spec.tokenizer())
        .setTokenizerSha256(
            tokenizers.computeIfAbsent(spec.tokenizer(), _ -> spec.tokenizerSha256()))
        .build();
  }
}
