package io.gemlab.graph;

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

  @Test
  void guessesNothingFarOff() {
    assertEquals(
        "path \"quantum\" is not known; there is eager, graph, clustered, fused",
        NearestName.unknown("path", "quantum", PATHS).getMessage());
  }
}
