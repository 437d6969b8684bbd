package io.gemlab.graph.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopStringsTest {
  @Test
  void holdsBackWhatMayBecomeAStopString() {
    StopStrings stops = new StopStrings(List.of("\n\nQ:", "END"));
    assertEquals("a", stops.push("a\n"));
    assertEquals("", stops.push("\n"));
    assertEquals("\n\nEx", stops.push("Ex"));
    assertEquals("", stops.push("EN"));
    assertFalse(stops.isFound());
    assertEquals("", stops.push("D of it"));
    assertTrue(stops.isFound());
    assertEquals("", stops.push("more"));
    assertEquals("", stops.finish());
  }

  @Test
  void givesOutTheRestWhenNoneCame() {
    StopStrings stops = new StopStrings(List.of("END"));
    assertEquals("the ", stops.push("the E"));
    assertEquals("E", stops.finish());
  }

  @Test
  void theEarliestStopStringCounts() {
    StopStrings stops = new StopStrings(List.of("bb", "abb"));
    assertEquals("x", stops.push("xabb"));
  }

  /** However a text is cut into pieces, what comes out is all before the first stop string. */
  @Test
  void piecesMakeNoDifference() {
    Random random = new Random(11);
    for (int round = 0; round < 2000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(20); i >= 0; i--) text.append((char) ('a' + random.nextInt(3)));
      List<String> strings = List.of("abca", "bcc", "ccc");
      int end = text.length();
      for (String string : strings) {
        int at = text.indexOf(string);
        if (at >= 0) end = Math.min(end, at);
      }
      StopStrings stops = new StopStrings(strings);
      StringBuilder out = new StringBuilder();
      for (int from = 0; from < text.length(); ) {
        int to = Math.min(text.length(), from + 1 + random.nextInt(4));
        out.append(stops.push(text.substring(from, to)));
        from = to;
      }
      assertEquals(text.substring(0, end), out.append(stops.finish()).toString());
    }
  }
}
