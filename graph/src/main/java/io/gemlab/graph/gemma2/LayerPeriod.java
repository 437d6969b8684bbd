package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.List;

/**
 * The shortest run of layers that a model repeats: Gemma 2's is a sliding layer and a full one.
 *
 * @param length layers in it
 * @param turns how often it is repeated
 */
public record LayerPeriod(int length, int turns) {

  /**
   * A model's period.
   *
   * @throws InvalidInput if the depth is no multiple of it
   */
  public static LayerPeriod of(Gemma2Config config) {
    int layers = config.numHiddenLayers();
    int length = 1;
    while (!repeatsAfter(config.layerTypes(), length)) length++;
    if (layers % length != 0) {
      throw new InvalidInput(
          "%d layers are no multiple of the %d that their pattern repeats after, so they can't be scanned; give --layers unrolled"
              .formatted(layers, length));
    }
    return new LayerPeriod(length, layers / length);
  }

  private static boolean repeatsAfter(List<LayerType> types, int length) {
    return types.subList(length, types.size()).equals(types.subList(0, types.size() - length));
  }
}
