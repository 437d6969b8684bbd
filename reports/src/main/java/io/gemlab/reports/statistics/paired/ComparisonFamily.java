package io.gemlab.reports.statistics.paired;

import io.gemlab.reports.statistics.Confidence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * Every arm of an experiment against its control, on one measure: paired by seed, the p-values
 * adjusted over the family. Claims of a difference and claims of equivalence are two families, each
 * adjusted by {@link Holm}; arms that are the control to the bit are in neither.
 *
 * @param control the control arm's name
 * @param confidence of each interval, and 1 - alpha of the findings
 * @param arms one result an arm, in the order given
 */
public record ComparisonFamily(String control, Confidence confidence, List<ArmComparison> arms) {
  public ComparisonFamily {
    arms = List.copyOf(arms);
  }

  /**
   * Compares the arms with the control.
   *
   * @param margin the largest difference that does not matter; empty where none was stated, and no
   *     equivalence is then claimed
   */
  public static ComparisonFamily of(
      ArmSample control, List<ArmSample> arms, Confidence confidence, Optional<Margin> margin) {
    List<ArmSample> comparable =
        arms.stream()
            .filter(arm -> pairs(control, arm).size() >= 2 && !identical(pairs(control, arm)))
            .toList();
    List<PairedComparison> differences =
        comparable.stream()
            .map(arm -> PairedComparison.of(pairs(control, arm), confidence))
            .toList();
    List<Double> differenceP =
        Holm.adjust(differences.stream().map(PairedComparison::pValue).toList());
    List<Equivalence> equivalences =
        margin.stream()
            .flatMap(
                bound ->
                    comparable.stream()
                        .map(arm -> Equivalence.of(pairs(control, arm), bound, confidence)))
            .toList();
    List<Double> equivalenceP =
        Holm.adjust(equivalences.stream().map(Equivalence::pValue).toList());

    List<ArmComparison> results = new ArrayList<>();
    for (ArmSample arm : arms) {
      int i = comparable.indexOf(arm);
      if (i < 0) {
        results.add(notTested(control, arm));
        continue;
      }
      Adjusted<PairedComparison> difference =
          new Adjusted<>(differences.get(i), differenceP.get(i));
      Optional<Adjusted<Equivalence>> equivalence =
          margin.map(bound -> new Adjusted<>(equivalences.get(i), equivalenceP.get(i)));
      results.add(
          new ArmComparison.Compared(
              arm.arm(),
              difference,
              equivalence,
              finding(difference, equivalence, confidence),
              unpaired(control, arm)));
    }
    return new ComparisonFamily(control.arm(), confidence, results);
  }

  private static Finding finding(
      Adjusted<PairedComparison> difference,
      Optional<Adjusted<Equivalence>> equivalence,
      Confidence confidence) {
    return Finding.of(
        difference.pValue() < confidence.alpha(),
        equivalence.filter(test -> test.pValue() < confidence.alpha()).isPresent());
  }

  /**
   * No comparison at all, for one reason.
   *
   * @param reason why the values say nothing, and what would help
   */
  public static ComparisonFamily notCompared(
      ArmSample control, List<ArmSample> arms, Confidence confidence, String reason) {
    return new ComparisonFamily(
        control.arm(),
        confidence,
        arms.stream()
            .<ArmComparison>map(arm -> new ArmComparison.NotCompared(arm.arm(), reason))
            .toList());
  }

  private static boolean identical(List<Pair> pairs) {
    return pairs.stream().allMatch(pair -> pair.difference() == 0);
  }

  private static ArmComparison notTested(ArmSample control, ArmSample arm) {
    int common = pairs(control, arm).size();
    if (common >= 2) return new ArmComparison.Identical(arm.arm(), common);
    return new ArmComparison.NotCompared(
        arm.arm(),
        "has "
            + (common == 0 ? "no seed" : "one seed")
            + " in common with "
            + control.arm()
            + ", which says nothing about chance; run both under at least 2, better 3");
  }

  private static List<Pair> pairs(ArmSample control, ArmSample arm) {
    SortedMap<Long, Double> values = arm.bySeed();
    return control.bySeed().entrySet().stream()
        .filter(entry -> values.containsKey(entry.getKey()))
        .map(entry -> new Pair(entry.getKey(), entry.getValue(), values.get(entry.getKey())))
        .toList();
  }

  private static List<Long> unpaired(ArmSample control, ArmSample arm) {
    TreeSet<Long> seeds = new TreeSet<>(control.bySeed().keySet());
    seeds.addAll(arm.bySeed().keySet());
    seeds.removeIf(seed -> control.bySeed().containsKey(seed) && arm.bySeed().containsKey(seed));
    return List.copyOf(seeds);
  }
}
