package io.gemlab.tpu.hlo.cost;

/**
 * What a piece of a program costs.
 *
 * @param flops floating-point operations as XLA's own analysis counts them: two a multiply-add of a
 *     matrix product, one an element of everything element-wise (integers and conversions too);
 *     transcendentals not among them
 * @param matrixFlops those of {@code flops} that matrix products and convolutions do
 * @param transcendentals elements of exponentials, logarithms, roots, tanh and their like
 * @param bytes read from and written to memory, by {@link FusionModel}
 */
public record Cost(double flops, double matrixFlops, double transcendentals, double bytes) {
  static final Cost ZERO = new Cost(0, 0, 0, 0);

  static Cost ofElements(double flops) {
    return new Cost(flops, 0, 0, 0);
  }

  static Cost ofTranscendentals(double transcendentals) {
    return new Cost(0, 0, transcendentals, 0);
  }

  static Cost ofMatrix(double flops) {
    return new Cost(flops, flops, 0, 0);
  }

  static Cost ofBytes(double bytes) {
    return new Cost(0, 0, 0, bytes);
  }

  Cost plus(Cost other) {
    return new Cost(
        flops + other.flops,
        matrixFlops + other.matrixFlops,
        transcendentals + other.transcendentals,
        bytes + other.bytes);
  }

  Cost minus(Cost other) {
    return plus(other.times(-1));
  }

  Cost times(double factor) {
    return new Cost(flops * factor, matrixFlops * factor, transcendentals * factor, bytes * factor);
  }
}
