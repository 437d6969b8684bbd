package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.LayerType;
import java.util.List;

/**
 * The shortest run of layers that a model repeats: Gemma 2's is a sliding layer and a full one.
 *
 * @param length layers in it
 * @param tripCount how often it is repeated
 */
public record LayerPeriod(int length, int tripCount) {

  /**
   * The period of some of a model's layers.
   *
   * @throws InvalidInput if they are no multiple of it
   */
  static LayerPeriod of(Gemma2Config config, LayerRange range) {
    List<LayerType> types = config.layerTypes().subList(range.first(), range.end());
    int length = 1;
    while (!repeatsAfter(types, length)) length++;
    if (range.size() % length != 0) {
      String layers =
          range.equals(LayerRange.of(config))
              ? "%d layers".formatted(range.size())
              : "the %d layers from layer %d on".formatted(range.size(), range.first());
      throw new InvalidInput(
          "%s are no multiple of the %d that their pattern repeats after, so they can't be scanned; give --layers unrolled"
              .formatted(layers, length));
    }
    return new LayerPeriod(length, range.size() / length);
  }

  private static boolean repeatsAfter(List<LayerType> types, int length) {
    return types.subList(length, types.size()).equals(types.subList(0, types.size() - length));
  }
}
