package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * {@code machine.json}: how fast the cores of a run's machine multiply matrices, which MFU is a
 * share of. Measured once, so that all steps of a run are a share of the same; anew only where a
 * run goes on on another machine.
 *
 * @param cpu the processor's name
 * @param cores that the process may use
 * @param precision of the matrices
 * @param flops FLOP/s of their product
 */
record ProductRate(String cpu, int cores, Precision precision, double flops) {
  private static final String CPU = "cpu_model";
  private static final String CORES = "cores";
  private static final String DTYPE = "dtype";
  private static final String FLOPS = "product_flops_per_second";

  /**
   * What a run's folder has of this machine; where it has nothing it is measured and written there.
   *
   * @param provenance this process's
   * @param measure FLOP/s of a precision
   */
  static ProductRate of(
      Path file, Provenance provenance, Precision precision, ToDoubleFunction<Precision> measure)
      throws IOException {
    Optional<ProductRate> found = read(file, precision);
    if (found.isPresent() && found.get().isOf(provenance)) return found.get();
    ProductRate measured =
        new ProductRate(
            provenance.getCpuModel(),
            provenance.getCores(),
            precision,
            measure.applyAsDouble(precision));
    WholeFile.write(file, measured.json().getBytes(StandardCharsets.UTF_8));
    return measured;
  }

  /** What a file has; empty where that is no rate of this precision. */
  static Optional<ProductRate> read(Path file, Precision precision) {
    if (!Files.exists(file)) return Optional.empty();
    ObjectNode json = JsonFile.readObject(file);
    if (!json.path(DTYPE).asText().equals(precision.label())) return Optional.empty();
    double flops = json.path(FLOPS).asDouble();
    if (flops <= 0) return Optional.empty();
    return Optional.of(
        new ProductRate(json.path(CPU).asText(), json.path(CORES).asInt(), precision, flops));
  }

  private boolean isOf(Provenance provenance) {
    return cpu.equals(provenance.getCpuModel()) && cores == provenance.getCores();
  }

  private String json() {
    return new JsonMapper()
            .createObjectNode()
            .put(CPU, cpu)
            .put(CORES, cores)
            .put(DTYPE, precision.label())
            .put(FLOPS, flops)
            .toPrettyString()
        + "\n";
  }
}
