package io.gemlab.experiments.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.ops.Precision;
import java.time.Duration;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MachineRatesTest {
  /** 1e12 FLOP in 4 s are a quarter of a machine's 1e12 FLOP/s. */
  @Test
  void aFractionIsOfTheSamePrecision() {
    MachineRates rates =
        new MachineRates(Map.of(Precision.FLOAT32, 1e12, Precision.BFLOAT16, 8e12), 1e10);
    assertEquals(0.25, rates.fraction(Precision.FLOAT32, 1e12, 4), 1e-15);
    assertEquals(1.0 / 32, rates.fraction(Precision.BFLOAT16, 1e12, 4), 1e-15);
    assertThrows(NoSuchElementException.class, () -> rates.fraction(Precision.FLOAT16, 1e12, 4));
  }

  @Test
  void aProductCountsAMultiplicationAndAnAdditionForEachTerm() {
    assertEquals(2.0 * 8 * 8 * 8, new MatrixProductRate(Precision.FLOAT32, 8).flops());
    assertEquals(17.179869184e9, new MatrixProductRate(Precision.FLOAT32, 2048).flops());
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void everyPrecisionIsMultiplied(Precision precision) {
    double rate = new MatrixProductRate(precision, 32).measure();
    assertTrue(rate > 1e5 && rate < 1e15, precision + ": " + rate);
  }

  /** Threads that don't divide the bytes copy all of them. */
  @Test
  void aCopyCountsReadAndWrittenBytes() {
    CopyRate copy = new CopyRate(1_000_003, 3);
    assertEquals(2_000_006, copy.traffic());
    double rate = copy.measure();
    assertTrue(rate > 1e6 && rate < 1e15, "" + rate);
  }

  @Test
  void theBestOfSeveralCallsIsTaken() {
    AtomicInteger calls = new AtomicInteger();
    double best =
        BestTime.seconds(
            () -> {
              // The warm-up and every call but the third are slow.
              if (calls.incrementAndGet() != 3) sleep(20);
            },
            Duration.ZERO);
    assertEquals(4, calls.get());
    assertTrue(best < 0.02, "" + best);
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
