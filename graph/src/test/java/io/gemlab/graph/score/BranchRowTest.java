package io.gemlab.graph.score;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class BranchRowTest {
  private static final int[] CONTEXT = {2, 10, 11};

  private final BranchRow row = new BranchRow(9, Prefixes.SHARED);

  /** What two questions and two choices of the first begin with stands once. */
  @Test
  void beginningsStandOnce() {
    assertTrue(row.add(0, request(5, 6, 7)));
    assertTrue(row.add(1, request(5, 8)));
    assertTrue(row.add(2, request(9, 6)));
    assertTrue(row.add(3, new TokenRequest(new int[] {2, 12}, new int[] {13})));
    assertArrayEquals(new int[] {2, 10, 11, 5, 6, 9, 12, 0, 0}, row.ids());
    assertArrayEquals(new int[] {0, 1, 2, 3, 4, 3, 1, 0, 0}, row.positions());
    assertArrayEquals(new int[] {7, 6, 6, 5, 5, 6, 7, 0, 0}, row.ends());
  }

  /**
   * The first token of a choice is predicted by the question's last, the others by those before.
   */
  @Test
  void tokensAreScoredBehindThoseBefore() {
    row.add(0, request(5, 6, 7));
    row.add(1, request(9, 6));
    assertEquals(
        List.of(
            new BranchRow.Scored(2, 0, 0),
            new BranchRow.Scored(3, 0, 1),
            new BranchRow.Scored(4, 0, 2),
            new BranchRow.Scored(2, 1, 0),
            new BranchRow.Scored(5, 1, 1)),
        row.scored());
  }

  /** Choices of one token take no place at all. */
  @Test
  void aTextThatIsThereTakesNoRoom() {
    BranchRow full = new BranchRow(3, Prefixes.SHARED);
    assertTrue(full.add(0, request(5)));
    assertTrue(full.add(1, request(6)));
    assertFalse(full.add(2, request(7, 8)));
    assertEquals(2, full.scored().size());
    assertArrayEquals(new int[] {3, 3, 3}, full.ends());
  }

  @Test
  void nothingIsSharedWherePrefixesAreRepeated() {
    BranchRow apart = new BranchRow(8, Prefixes.REPEATED);
    assertTrue(apart.add(0, request(5, 6)));
    assertTrue(apart.add(1, request(9)));
    assertFalse(apart.add(2, request(5)));
    assertArrayEquals(new int[] {2, 10, 11, 5, 2, 10, 11, 0}, apart.ids());
    assertArrayEquals(new int[] {0, 1, 2, 3, 0, 1, 2, 0}, apart.positions());
    assertArrayEquals(new int[] {4, 4, 4, 4, 7, 7, 7, 0}, apart.ends());
    assertEquals(new BranchRow.Scored(6, 1, 0), apart.scored().getLast());
  }

  private static TokenRequest request(int... continuation) {
    return new TokenRequest(CONTEXT, continuation);
  }
}
