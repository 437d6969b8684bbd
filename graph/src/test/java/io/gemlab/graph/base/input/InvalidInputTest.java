package io.gemlab.graph.base.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class InvalidInputTest {
  @Test
  void aMessageIsOneLineWhateverTheValueHolds() {
    String hostile = "two\nlines\u001b[31m\u2028\u202e\ud800";
    assertEquals(
        "a two\\u000alines\\u001b[31m\\u2028\\u202e\\ud800",
        new InvalidInput("a " + hostile).getMessage());
  }

  @Test
  void longValuesAreCut() {
    assertEquals("\"" + "x".repeat(80) + "...\"", InvalidInput.shown("x".repeat(81)));
    assertEquals("\"" + "x".repeat(80) + "\"", InvalidInput.shown("x".repeat(80)));
    assertTrue(new InvalidInput("y".repeat(5000)).getMessage().length() < 1010);
  }

  @Test
  void anAbsentFileIsNamedWithTheRemedy() {
    Path absent = Path.of("no", "such", "file");
    try {
      Files.size(absent);
    } catch (IOException e) {
      assertEquals(
          absent + " does not exist: check the path",
          InvalidInput.unreadable(absent, e).getMessage());
    }
  }
}
