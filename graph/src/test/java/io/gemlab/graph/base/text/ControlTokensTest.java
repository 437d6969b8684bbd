package io.gemlab.graph.base.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ControlTokensTest {
  private static final Path FILE = Path.of("tokenizer.json");

  @Test
  void cutsBehindTheFirstCharacterOfEverySpelling() {
    ControlTokens control = ControlTokens.of(FILE, List.of("<a>", "<a><b>", "😀x"));
    assertEquals(List.of("no control"), control.cut("no control"));
    assertEquals(List.of(""), control.cut(""));
    assertEquals(List.of("1<", "a>2<", "a>"), control.cut("1<a>2<a>"));
    assertEquals(List.of("<", "a><b>"), control.cut("<a><b>"));
    assertEquals(List.of("😀", "x"), control.cut("😀x"));
  }

  @Test
  void noPartSpellsAControlToken() {
    ControlTokens control = ControlTokens.of(FILE, List.of("aba", "bb", "abab"));
    Random random = new Random(9);
    for (int i = 0; i < 2000; i++) {
      StringBuilder text = new StringBuilder();
      for (int c = random.nextInt(20); c > 0; c--) text.append(random.nextBoolean() ? 'a' : 'b');
      List<String> parts = control.cut(text.toString());
      assertEquals(text.toString(), String.join("", parts));
      for (String part : parts) {
        assertTrue(control.spellings().stream().noneMatch(part::contains), part);
      }
    }
  }

  @Test
  void refusesSpellingsThatCantBeCut() {
    for (String spelling : List.of("", "x", "😀")) {
      assertThrows(InvalidInput.class, () -> ControlTokens.of(FILE, List.of(spelling)));
    }
  }
}
