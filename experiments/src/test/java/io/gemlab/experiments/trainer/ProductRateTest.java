package io.gemlab.experiments.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.ops.Precision;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProductRateTest {
  private static final Provenance HERE =
      Provenance.newBuilder().setCpuModel("a \"fast\" one").setCores(2).build();

  @TempDir Path folder;

  /** A run that goes on has the rate that its first steps are a share of. */
  @Test
  void isMeasuredOnceOnAMachine() throws IOException {
    assertEquals(1e11, rate(HERE, Precision.FLOAT32, 1e11));
    assertEquals(1e11, rate(HERE, Precision.FLOAT32, 2e11));
    assertEquals(3e11, rate(HERE.toBuilder().setCores(4).build(), Precision.FLOAT32, 3e11));
    assertEquals(4e11, rate(HERE, Precision.BFLOAT16, 4e11));
  }

  private double rate(Provenance provenance, Precision precision, double measured)
      throws IOException {
    return ProductRate.of(folder.resolve("machine.json"), provenance, precision, _ -> measured)
        .flops();
  }
}
