package io.gemlab.experiments.doctor;

import io.gemlab.experiments.machine.MachineRates;
import io.gemlab.ops.Precision;
import io.gemlab.reports.Numbers;
import java.util.ArrayList;
import java.util.List;

/** How fast products and copies are, measured now. */
final class RatesCheck {
  private static final String SUBJECT = "rates";
  private static final List<Precision> PRECISIONS = List.of(Precision.FLOAT32, Precision.BFLOAT16);

  private RatesCheck() {}

  static Check examine() {
    return Check.trying(
        SUBJECT, () -> of(MachineRates.measure(PRECISIONS)), TensorFlowCheck.REMEDY);
  }

  static Check of(MachineRates rates) {
    List<String> found = new ArrayList<>();
    for (Precision precision : PRECISIONS) {
      found.add(
          "%s matrix products: %s GFLOP/s (%d x %d x %d in a plain session, best of several)"
              .formatted(
                  precision.label(),
                  Numbers.significant(rates.productFlops().get(precision) / 1e9, 3),
                  MachineRates.PRODUCT_SIZE,
                  MachineRates.PRODUCT_SIZE,
                  MachineRates.PRODUCT_SIZE));
    }
    found.add(
        "memory: %s GB/s (copying %d MiB on every core, read and written bytes both counted)"
            .formatted(Numbers.significant(rates.copyBytes() / 1e9, 3), MachineRates.COPY_MIB));
    return Check.ok(SUBJECT, found);
  }
}
