package io.gemlab.experiments.merge.method;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Which elements stay where some are dropped at random. */
@FunctionalInterface
public interface Masks {
  /** Those of one model's tensor; the same however often and in whatever order it is asked. */
  @FunctionalInterface
  interface Mask {
    /** Whether an element stays, which it does with this probability. */
    boolean keeps(long element, float probability);
  }

  /**
   * The mask of a model's tensor.
   *
   * @param tensor its name in the result
   * @param input the model's place among the tensor's inputs
   */
  Mask of(String tensor, int input);

  /**
   * Independent draws. Each follows from the seed, the tensor's name, the model's place and the
   * element's index alone, so a piece can be drawn again without those before it.
   */
  static Masks drawn(long seed) {
    return (tensor, input) -> {
      CRC32C name = new CRC32C();
      name.update(tensor.getBytes(StandardCharsets.UTF_8));
      long key = Mixing.mix(seed + Mixing.mix((name.getValue() << Integer.SIZE) + input));
      return (element, probability) -> Mixing.uniform(key, element) < probability;
    };
  }
}
