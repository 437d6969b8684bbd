package io.gemlab.reports.statistics.paired;

import java.util.List;
import java.util.Optional;

/** What became of comparing one arm with the control. */
public sealed interface ArmComparison {
  /** The arm that was compared. */
  String arm();

  /**
   * The arm and the control have at least two seeds in common.
   *
   * @param arm the arm's name
   * @param difference the paired test of arm - control
   * @param equivalence the test of "no difference beyond the margin", where a margin was stated
   * @param finding what the two tests come to after adjustment, at the family's confidence
   * @param unpaired seeds that only one of the two was run with, and which no test used
   */
  record Compared(
      String arm,
      Adjusted<PairedComparison> difference,
      Optional<Adjusted<Equivalence>> equivalence,
      Finding finding,
      List<Long> unpaired)
      implements ArmComparison {
    public Compared {
      unpaired = List.copyOf(unpaired);
    }
  }

  /**
   * Under every common seed the arm's value is the control's to the bit: as good as certainly they
   * computed the same, which no test of equivalence has a part in.
   *
   * @param arm the arm's name
   * @param pairs how many seeds they have in common, 2 or more
   */
  record Identical(String arm, int pairs) implements ArmComparison {}

  /**
   * Nothing can be said of chance.
   *
   * @param arm the arm's name
   * @param reason why not, and what would help
   */
  record NotCompared(String arm, String reason) implements ArmComparison {}
}
