package io.gemlab.reports.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.Hostile;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TicksTest {
  @Test
  void marksAreNumbersThatPeopleLike() {
    assertEquals(List.of("0.0", "0.2", "0.4", "0.6"), covering(0, 0.6, 5));
    assertEquals(List.of("−0.05", "0.00", "0.05", "0.10"), covering(-0.02, 0.07, 5));
    assertEquals(List.of("0", "50,000", "100,000"), covering(0, 100_000, 4));
    assertEquals(List.of("0.3", "0.4", "0.5"), covering(0.1 + 0.2, 0.5, 4));
  }

  @Test
  void logarithmicMarksAreThinnedToTheRoom() {
    assertEquals(List.of("1", "10", "100", "1000"), inside(Spacing.LOG, 1, 1000, 5));
    assertEquals(List.of("1", "3", "10", "30", "100"), inside(Spacing.LOG, 1, 100, 6));
    assertEquals(List.of("0.5", "0.7", "1", "1.5", "2", "3"), inside(Spacing.LOG, 0.5, 3.5, 7));
    assertEquals(List.of("256", "1024", "4096"), inside(Spacing.LOG2, 256, 8192, 3));
    assertEquals(List.of("1.10", "1.15", "1.20"), inside(Spacing.LOG, 1.1, 1.2, 4));
  }

  @Test
  void marksAscendStayInsideAndAreFew() {
    Random random = new Random(6);
    for (int trial = 0; trial < 5_000; trial++) {
      Spacing spacing = Spacing.values()[random.nextInt(3)];
      double a = Hostile.number(random);
      double b = Hostile.number(random);
      if (!spacing.has(a) || !spacing.has(b)) continue;
      Bounds bounds = Bounds.of(spacing, Math.min(a, b), Math.max(a, b));
      int most = random.nextInt(2, 12);
      for (Ticks ticks :
          List.of(
              Ticks.inside(spacing, bounds, most),
              Ticks.around(spacing, bounds, most),
              Ticks.covering(spacing, bounds, most))) {
        assertTrue(ticks.marks().size() <= most + 2, ticks + " for " + most);
        double before = Double.NEGATIVE_INFINITY;
        for (Ticks.Tick tick : ticks.marks()) {
          assertTrue(tick.value() > before, ticks.toString());
          before = tick.value();
        }
      }
    }
  }

  private static List<String> covering(double low, double high, int most) {
    return Ticks.covering(Spacing.LINEAR, new Bounds(low, high), most).marks().stream()
        .map(Ticks.Tick::label)
        .toList();
  }

  private static List<String> inside(Spacing spacing, double low, double high, int most) {
    return Ticks.inside(spacing, new Bounds(low, high), most).marks().stream()
        .map(Ticks.Tick::label)
        .toList();
  }
}
