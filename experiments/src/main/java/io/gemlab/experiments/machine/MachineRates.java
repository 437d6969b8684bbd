package io.gemlab.experiments.machine;

import io.gemlab.ops.Precision;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * What this machine reaches at best, measured in this process: the rates that a report's FLOP/s are
 * a fraction of. Not a peak from a data sheet.
 *
 * @param productFlops FLOP/s of a product of two square matrices of {@value #PRODUCT_SIZE} rows, by
 *     precision
 * @param copyBytes bytes a second of copying {@value #COPY_MIB} MiB, bytes read and bytes written
 *     both counted
 */
public record MachineRates(Map<Precision, Double> productFlops, double copyBytes) {
  /** Rows and columns of the matrices multiplied. */
  public static final int PRODUCT_SIZE = 2048;

  /** MiB of the buffer copied. */
  public static final int COPY_MIB = 256;

  public MachineRates {
    productFlops = Map.copyOf(productFlops);
  }

  /** Measures: about a second for each precision, and one for the copy. */
  public static MachineRates measure(Collection<Precision> precisions) {
    Map<Precision, Double> products = new EnumMap<>(Precision.class);
    for (Precision precision : precisions) {
      products.put(precision, measureProducts(precision));
    }
    int threads = Runtime.getRuntime().availableProcessors();
    return new MachineRates(products, new CopyRate((long) COPY_MIB << 20, threads).measure());
  }

  /** FLOP/s of products alone, in about a second. */
  public static double measureProducts(Precision precision) {
    return new MatrixProductRate(precision, PRODUCT_SIZE).measure();
  }

  /**
   * The fraction of the machine's matrix-product rate that a program reaches; above 1 where its
   * products suit the machine better than the measured one.
   *
   * @param flops FLOP of the program's matrix products
   * @param seconds that it took
   * @throws NoSuchElementException if that precision was not measured
   */
  public double fraction(Precision precision, double flops, double seconds) {
    Double rate = productFlops.get(precision);
    if (rate == null) {
      throw new NoSuchElementException(
          precision.label() + " products were not measured, only " + productFlops.keySet());
    }
    return flops / seconds / rate;
  }
}
