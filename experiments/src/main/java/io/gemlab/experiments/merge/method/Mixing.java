package io.gemlab.experiments.merge.method;

/**
 * Random numbers by index: SplitMix64's output function of a counter.
 *
 * @see <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea, Flood 2014</a>
 */
final class Mixing {
  private static final long GOLDEN_RATIO = 0x9e3779b97f4a7c15L;
  private static final int FLOAT_BITS = 24;

  private Mixing() {}

  static long mix(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** From 0 to below 1, in steps of 2^-24. */
  static float uniform(long key, long index) {
    return (mix(key + (index + 1) * GOLDEN_RATIO) >>> (Long.SIZE - FLOAT_BITS)) * 0x1p-24f;
  }
}
