package io.gemlab.tpu.hlo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import org.junit.jupiter.api.Test;

class ChipTest {
  @Test
  void chipsGoByTheirNames() {
    for (Chip chip : Chip.values()) assertEquals(chip, Chip.of(chip.label()));
    InvalidInput unknown = assertThrows(InvalidInput.class, () -> Chip.of("v9"));
    assertTrue(unknown.getMessage().contains("v5p"), unknown.getMessage());
  }
}
