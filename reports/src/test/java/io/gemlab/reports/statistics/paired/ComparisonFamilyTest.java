package io.gemlab.reports.statistics.paired;

import static io.gemlab.reports.statistics.Confidence.NINETY_FIVE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.statistics.paired.ArmComparison.Compared;
import io.gemlab.reports.statistics.paired.ArmComparison.NotCompared;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ComparisonFamilyTest {
  private static final ArmSample CONTROL = arm("softcap", 2.413, 2.420, 2.409, 2.416);
  private static final ArmSample SAME = arm("blockwise", 2.4131, 2.4199, 2.4092, 2.4158);
  private static final ArmSample WORSE = arm("no cap", 2.442, 2.451, 2.437, 2.448);
  private static final ArmSample NOISY = arm("noisy", 2.40, 2.45, 2.39, 2.44);

  @Test
  void findingsFollowTheAdjustedTests() {
    ComparisonFamily family =
        ComparisonFamily.of(
            CONTROL, List.of(SAME, WORSE, NOISY), NINETY_FIVE, Optional.of(new Margin(0.005)));
    assertEquals(
        List.of(Finding.EQUIVALENT, Finding.DIFFERENT, Finding.UNDECIDED),
        family.arms().stream().map(arm -> ((Compared) arm).finding()).toList());

    Compared worse = (Compared) family.arms().get(1);
    assertEquals(3 * worse.difference().test().pValue(), worse.difference().pValue(), 1e-15);
  }

  @Test
  void aDifferenceInsideTheMarginIsNegligible() {
    ComparisonFamily family =
        ComparisonFamily.of(CONTROL, List.of(WORSE), NINETY_FIVE, Optional.of(new Margin(0.1)));
    assertEquals(Finding.NEGLIGIBLE, ((Compared) family.arms().getFirst()).finding());
  }

  @Test
  void withoutAMarginNothingIsCalledEquivalent() {
    ComparisonFamily family =
        ComparisonFamily.of(CONTROL, List.of(SAME), NINETY_FIVE, Optional.empty());
    Compared same = (Compared) family.arms().getFirst();
    assertEquals(Finding.UNDECIDED, same.finding());
    assertTrue(same.equivalence().isEmpty());
  }

  /** And takes no part in the correction for many comparisons. */
  @Test
  void anArmThatIsTheControlToTheBitIsNoFinding() {
    ArmSample twin = new ArmSample("all global", CONTROL.bySeed());
    ComparisonFamily family =
        ComparisonFamily.of(
            CONTROL, List.of(twin, WORSE), NINETY_FIVE, Optional.of(new Margin(0.005)));
    assertEquals(new ArmComparison.Identical("all global", 4), family.arms().getFirst());
    Compared worse = (Compared) family.arms().get(1);
    assertEquals(worse.difference().test().pValue(), worse.difference().pValue());
  }

  @Test
  void whatSaysNothingIsNotCompared() {
    ComparisonFamily family =
        ComparisonFamily.notCompared(CONTROL, List.of(SAME, WORSE), NINETY_FIVE, "learnt nothing");
    assertEquals(
        List.of(
            new NotCompared("blockwise", "learnt nothing"),
            new NotCompared("no cap", "learnt nothing")),
        family.arms());
  }

  @Test
  void onlyCommonSeedsCountAndTheOthersAreNamed() {
    ArmSample partial = new ArmSample("partial", new TreeMap<>(WORSE.bySeed().tailMap(1L)));
    Compared compared =
        (Compared)
            ComparisonFamily.of(CONTROL, List.of(partial), NINETY_FIVE, Optional.empty())
                .arms()
                .getFirst();
    assertEquals(3, compared.difference().test().n());
    assertEquals(List.of(0L), compared.unpaired());
  }

  @Test
  void anArmWithoutCommonSeedsIsNotCompared() {
    ArmSample elsewhere = new ArmSample("elsewhere", new TreeMap<>(Map.of(77L, 2.4)));
    ComparisonFamily family =
        ComparisonFamily.of(CONTROL, List.of(elsewhere, WORSE), NINETY_FIVE, Optional.empty());
    NotCompared none = assertInstanceOf(NotCompared.class, family.arms().getFirst());
    assertTrue(none.reason().contains("no seed in common with softcap"), none.reason());
    Compared worse = (Compared) family.arms().get(1);
    assertEquals(worse.difference().test().pValue(), worse.difference().pValue());
  }

  @Test
  void aRunThatDivergedIsRefusedByName() {
    var thrown =
        assertThrows(IllegalArgumentException.class, () -> arm("diverged", 2.4, Double.NaN));
    assertTrue(thrown.getMessage().startsWith("arm diverged, seed 1 is NaN"), thrown.getMessage());
  }

  private static ArmSample arm(String name, double... values) {
    SortedMap<Long, Double> bySeed = new TreeMap<>();
    for (int seed = 0; seed < values.length; seed++) bySeed.put((long) seed, values[seed]);
    return new ArmSample(name, bySeed);
  }
}
