package io.gemlab.reports.statistics.timing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.statistics.Confidence;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairedRatioTest {
  /** Logarithms of the ratios -ln 2, 0, ln 2: t interval of mean 0, sd ln 2, 2 degrees. */
  @Test
  void isTheGeometricMeanWithStudentsInterval() {
    PairedRatio ratio =
        PairedRatio.of(List.of(1.0, 7.0, 10.0), List.of(2.0, 7.0, 5.0), Confidence.NINETY_FIVE);
    assertEquals(1, ratio.ratio(), 1e-12);
    double half = 4.302652729911275 * Math.log(2) / Math.sqrt(3);
    assertEquals(Math.exp(-half), ratio.interval().low(), 1e-9);
    assertEquals(Math.exp(half), ratio.interval().high(), 1e-9);
    assertEquals(1, ratio.pValue(), 1e-12);
  }

  @Test
  void refusesTurnsThatAreNoPairs() {
    List<Double> three = List.of(1.0, 2.0, 3.0);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> PairedRatio.of(three, List.of(1.0), Confidence.NINETY_FIVE))
            .getMessage();
    assertTrue(message.startsWith("numerator has 3 turns and denominator 1"), message);
    assertThrows(
        IllegalArgumentException.class,
        () -> PairedRatio.of(List.of(0.0, 1.0), List.of(1.0, 1.0), Confidence.NINETY_FIVE));
  }
}
