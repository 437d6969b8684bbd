package io.gemlab.experiments.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.reports.record.RunRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunViewTest {
  /** Records of an earlier version have 50.0 where those of this one have 50: one level. */
  @ParameterizedTest
  @CsvSource({
    "50.0, 50",
    "50, 50",
    "4.0E-4, 0.0004",
    "1e-3, 0.001",
    "none, none",
    "4 heads, 4 heads"
  })
  void aNumberIsOneLevelHoweverItIsWritten(String recorded, String level) {
    RunView run =
        new RunView(RunRecord.newBuilder().addFactors(Records.factor("cap", recorded)).build());
    assertEquals(Records.factor("cap", level), run.factors().getFirst());
  }
}
