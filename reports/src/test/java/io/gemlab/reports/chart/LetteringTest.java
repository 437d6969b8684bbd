package io.gemlab.reports.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.Hostile;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LetteringTest {
  @Test
  void breaksAtSpacesThenAfterSignsThenAnywhere() {
    assertEquals(List.of("two", "words"), Lettering.wrap("two words", 50, 13));
    assertEquals(List.of("softcap/", "blockwise"), Lettering.wrap("softcap/blockwise", 80, 13));
    assertEquals(List.of("aaaa", "aaaa"), Lettering.wrap("aaaaaaaa", 33, 13));
    assertEquals(List.of(""), Lettering.wrap("", 10, 13));
  }

  /** No line is too wide, and no character gets lost or cut in two. */
  @Test
  void keepsEveryCharacter() {
    Random random = new Random(8);
    for (int trial = 0; trial < 500; trial++) {
      String text = Hostile.name(random) + " " + Hostile.name(random);
      double width = 20 + 200 * random.nextDouble();
      List<String> lines = Lettering.wrap(text, width, 13);
      assertEquals(text.replaceAll("\\s+", ""), String.join("", lines).replaceAll("\\s+", ""));
      for (String line : lines) assertTrue(Lettering.width(line, 13) <= width, line);
    }
  }
}
