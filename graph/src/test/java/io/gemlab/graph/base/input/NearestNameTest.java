package io.gemlab.graph.base.input;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {
  private static final List<String> PATHS = List.of("eager", "graph", "clustered", "fused");

  @Test
  void namesTheOneThatWasLikelyMeant() {
    assertEquals(
        "path \"cluster\" is not known; did you mean clustered? there is eager, graph, clustered, fused",
        NearestName.unknown("path", "cluster", PATHS).getMessage());
  }

  /** Two of three letters differ: nobody meant v2. */
  @Test
  void guessesNothingOfShortWordsThatShareOneLetter() {
    assertEquals(
        "chip \"v9z\" is not known; there is v2, v5e",
        NearestName.unknown("chip", "v9z", List.of("v2", "v5e")).getMessage());
  }

  @Test
  void guessesNothingFarOff() {
    assertEquals(
        "path \"quantum\" is not known; there is eager, graph, clustered, fused",
        NearestName.unknown("path", "quantum", PATHS).getMessage());
  }
}
