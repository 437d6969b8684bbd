package io.gemlab.reports.statistics;

import io.gemlab.reports.statistics.paired.Pair;
import java.util.ArrayList;
import java.util.List;

/**
 * The most used worked example of a paired t test: hours of extra sleep of ten patients under two
 * drugs (Student 1908, The probable error of a mean; R's data set {@code sleep}).
 */
public final class Sleep {
  private static final double[] FIRST = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
  private static final double[] SECOND = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

  private Sleep() {}

  public static List<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < FIRST.length; i++) pairs.add(new Pair(i, FIRST[i], SECOND[i]));
    return pairs;
  }
}
