package io.gemlab.reports.statistics.paired;

import static io.gemlab.reports.statistics.Confidence.NINETY_FIVE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EquivalencePowerTest {
  private static final Margin MARGIN = new Margin(0.02);

  /** As many studies of equal arms as said find them equivalent. */
  @ParameterizedTest
  @CsvSource({"0.012, 0.8", "0.02, 0.8", "0.02, 0.9", "0.04, 0.8"})
  void soManyStudiesOfEqualArmsFindThemEquivalent(double standardDeviation, double power) {
    int n = EquivalencePower.pairs(standardDeviation, MARGIN, NINETY_FIVE, power).orElseThrow();
    SplittableRandom random = new SplittableRandom(n);
    int studies = 20_000;
    int found = 0;
    for (int study = 0; study < studies; study++) {
      List<Pair> pairs = new ArrayList<>();
      for (int seed = 0; seed < n; seed++) {
        pairs.add(new Pair(seed, 2, 2 + standardDeviation * random.nextGaussian()));
      }
      if (Equivalence.of(pairs, MARGIN, NINETY_FIVE).pValue() < NINETY_FIVE.alpha()) found++;
    }
    // One pair more or less makes up to 0.06 here.
    assertEquals(power, (double) found / studies, 0.06);
  }

  /** Of pilots of three, four in five say at least as many as the true scatter wants. */
  @Test
  void fewPairsSayEnoughWithTheAssuranceOfThePower() {
    int wanted = EquivalencePower.pairs(0.02, MARGIN, NINETY_FIVE, 0.8).orElseThrow();
    SplittableRandom random = new SplittableRandom(3);
    int pilots = 2_000;
    int enough = 0;
    for (int pilot = 0; pilot < pilots; pilot++) {
      List<Pair> pairs = new ArrayList<>();
      for (int seed = 0; seed < 3; seed++) {
        pairs.add(new Pair(seed, 2, 2 + 0.02 * random.nextGaussian()));
      }
      PairedComparison seen = PairedComparison.of(pairs, NINETY_FIVE);
      OptionalInt said = EquivalencePower.pairs(seen, MARGIN, NINETY_FIVE, 0.8);
      if (said.orElse(Integer.MAX_VALUE) >= wanted) enough++;
    }
    assertEquals(0.8, (double) enough / pilots, 0.04);
  }

  @Test
  void scatterFarBeyondTheMarginWantsMoreThanAnybodyRuns() {
    assertEquals(OptionalInt.empty(), EquivalencePower.pairs(1, MARGIN, NINETY_FIVE, 0.8));
    assertEquals(OptionalInt.of(2), EquivalencePower.pairs(1e-4, MARGIN, NINETY_FIVE, 0.8));
  }
}
