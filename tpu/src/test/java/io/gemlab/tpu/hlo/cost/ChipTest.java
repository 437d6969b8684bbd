package io.gemlab.tpu.hlo.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ChipTest {
  @ParameterizedTest
  @EnumSource
  void isFoundByItsName(Chip chip) {
    assertEquals(Optional.of(chip), Chip.find(chip.label()));
  }

  @Test
  void isNotFoundByAnotherName() {
    assertEquals(Optional.empty(), Chip.find("v9"));
    assertEquals(Optional.empty(), Chip.find("V5P"));
  }

  /** So many arrays of 128 x 128 multiply-adds at the clock are the published rate. */
  @ParameterizedTest
  @CsvSource({"V4, 8", "V5E, 4", "V5P, 8"})
  void theClockGivesThePublishedRate(Chip chip, int arrays) {
    double rate = arrays * 2.0 * 128 * 128 * chip.clockHz().orElseThrow();
    assertEquals(chip.flopsPerSecond(), rate, 0.005 * rate);
  }

  /** A figure off by a unit leaves these ranges: arithmetic is 100 to 700 FLOPs a byte. */
  @ParameterizedTest
  @EnumSource
  void figuresAreOfOneOrder(Chip chip) {
    double ridge = chip.flopsPerSecond() / chip.memoryBytesPerSecond();
    assertTrue(ridge > 100 && ridge < 700, () -> chip + ": " + ridge);
    double secondsToReadAll = chip.memoryBytes() / chip.memoryBytesPerSecond();
    assertTrue(secondsToReadAll > 0.015 && secondsToReadAll < 0.04, () -> "" + secondsToReadAll);
    double links = chip.memoryBytesPerSecond() / chip.ringBytesPerSecond();
    assertTrue(links > 5 && links < 20, () -> chip + ": " + links);
  }
}
