package io.gemlab.experiments.eval.task;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.core.source32.MersenneTwister;

/**
 * Python's {@code random.Random}: the Mersenne Twister, seeded by an integer, and {@code sample} as
 * CPython 3.11 draws it.
 */
final class PythonRandom {
  private final UniformRandomProvider twister;

  /**
   * @param seed 0 or more
   */
  PythonRandom(int seed) {
    this.twister = new MersenneTwister(new int[] {seed});
  }

  /**
   * {@code random.sample}: elements drawn without putting them back, in the order drawn.
   *
   * @param k how many, at most as many as there are
   */
  <T> List<T> sample(List<T> population, int k) {
    int n = population.size();
    List<T> sample = new ArrayList<>();
    if (n <= poolUpTo(k)) {
      List<T> pool = new ArrayList<>(population);
      for (int i = 0; i < k; i++) {
        int drawn = below(n - i);
        sample.add(pool.get(drawn));
        pool.set(drawn, pool.get(n - i - 1)); // what wasn't drawn moves into the gap
      }
      return sample;
    }
    Set<Integer> drawn = new HashSet<>();
    while (drawn.size() < k) {
      int next = below(n);
      if (drawn.add(next)) sample.add(population.get(next));
    }
    return sample;
  }

  /** The population up to which Python takes a list as a pool, and beyond which a set of drawn. */
  private static int poolUpTo(int k) {
    int size = 21;
    if (k > 5) {
      size += 1 << 2 * (int) Math.ceil(Math.log(3.0 * k) / Math.log(4));
    }
    return size;
  }

  /** {@code _randbelow}: as many random bits as the bound has, until they are below it. */
  private int below(int bound) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(bound);
    int drawn = twister.nextInt() >>> Integer.SIZE - bits;
    while (drawn >= bound) drawn = twister.nextInt() >>> Integer.SIZE - bits;
    return drawn;
  }
}
