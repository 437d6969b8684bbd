package io.gemlab.experiments.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.experiments.GoldenFiles;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.Packing;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.base.text.Tokenizers;
import org.junit.jupiter.api.Test;

class LabelTableTest {
  @Test
  void saysWhatEachTokenIsAndPredicts() {
    int[][] ids = {{2, 106, 108, 107, 2, 109, 1, 0, 0}};
    int[][] documents = {{1, 1, 1, 1, 2, 2, 2, 0, 0}};
    int[][] labels = {{-100, -100, 107, -100, 109, 1, -100, -100, -100}};
    LabelledBatch batch =
        new LabelledBatch(new TokenBatch(ids, documents, Packing.DOCUMENTS), labels);
    try (Tokenizer tokenizer =
        Tokenizers.open(GoldenFiles.of("tokenizer/tokenizer_gemmalike.model"))) {
      assertEquals(
          """
          row 1: 7 tokens, 2 documents, 3 labels
          position document       id  token                       label  its token
                 0        1        2  <bos>                           -
                 1        1      106  <start_of_turn>                 -
                 2        1      108  \\n                            107  <end_of_turn>
                 3        1      107  <end_of_turn>                   -
                 0        2        2  <bos>                         109  \\n\\n
                 1        2      109  \\n\\n                            1  <eos>
                 2        2        1  <eos>                           -
          2 of padding
          """,
          String.join("\n", LabelTable.lines(batch, tokenizer)) + "\n");
    }
  }
}
