package io.gemlab.graph.base.input;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;

/** The names that a word may be, and the one it was most likely meant to be. */
public final class NearestName {
  private NearestName() {}

  /**
   * What to say of a name that is not known.
   *
   * @param what the kind of name, such as {@code path} or {@code key of the recipe}
   * @param known all names there are, 1 or more
   */
  public static InvalidInput unknown(String what, String name, Collection<String> known) {
    String nearest =
        known.stream().min(Comparator.comparingInt(one -> distance(one, name))).orElseThrow();
    int distance = distance(nearest, name);
    boolean close =
        distance <= Math.max(2, name.length() / 3)
            && 2 * distance <= Math.max(nearest.length(), name.length());
    return new InvalidInput(
        "%s %s is not known; %sthere is %s"
            .formatted(
                what,
                InvalidInput.shown(name),
                close ? "did you mean " + nearest + "? " : "",
                String.join(", ", known)));
  }

  /** Insertions, deletions and replacements from one word to the other (Levenshtein 1966). */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
