package io.gemlab.experiments.run;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.recipe.Choices;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.trace.MemoryNeed;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MemoryGuardTest {
  private static final long GIB = 1 << 30;

  @Test
  void saysWhatItNeedsWhatThereIsAndWhatWouldFit() {
    assertEquals(
        "a step needs about 34.00 GiB of memory (2.00 GiB kept between calls, 32.00 GiB during one)"
            + " and 8.00 GiB is free: give a batch of 3 or less, or --force to start it all the"
            + " same",
        refused(new MemoryNeed(2 * GIB, GIB, 31 * GIB), 16, 8 * GIB));
  }

  @Test
  void aModelThatIsTooLargeByItselfIsSaidToBe() {
    assertTrue(
        refused(new MemoryNeed(435 * GIB, 0, GIB), 64, 20 * GIB).contains("take a smaller model"));
    assertTrue(
        refused(new MemoryNeed(GIB, 0, 30 * GIB), 1, 20 * GIB).contains("give fewer tokens"));
  }

  @Test
  void whatFitsOrIsNotKnownGoesOn() {
    MemoryNeed need = new MemoryNeed(GIB, GIB, GIB);
    assertDoesNotThrow(() -> MemoryGuard.require("x", need, 1, OptionalLong.of(3 * GIB)));
    assertDoesNotThrow(() -> MemoryGuard.require("x", need, 1, OptionalLong.empty()));
  }

  @Test
  void aDevicesMemoryIsItsOwn() {
    assertTrue(MemoryGuard.concerns(Choices.path("fused")));
    assertTrue(MemoryGuard.concerns(Choices.path("pjrt:cpu")));
    assertFalse(MemoryGuard.concerns(Choices.path("pjrt:tpu")));
  }

  private static String refused(MemoryNeed need, int rows, long free) {
    return assertThrows(
            InvalidInput.class,
            () -> MemoryGuard.require("a step", need, rows, OptionalLong.of(free)))
        .getMessage();
  }
}
