package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.Locale;

/**
 * How a program goes through the model's depth. The numbers are the same; the program's size, its
 * memory and the form of its state are not.
 *
 * @param layers how the layers stand in the program
 * @param remat what a gradient computes again
 */
public record Depth(Layers layers, Remat remat) {
  /** Every layer by itself, and every value that a gradient needs kept. */
  public static final Depth PLAIN = new Depth(Layers.UNROLLED, Remat.NONE);

  /** How the layers stand in the program. */
  public enum Layers {
    /** One after the other; a weight is a tensor of its own. */
    UNROLLED,
    /**
     * As the iterations of a loop over stacked weights, one period of the layers' pattern an
     * iteration: the program is as large as one period. See {@link LayerPeriod} and {@link
     * StateWeight}.
     */
    SCANNED;

    /** Name used on the command line and in reports. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What a gradient computes again rather than being kept from the forward pass. */
  public enum Remat {
    NONE,
    /** All of a layer but its input. */
    LAYER;

    /** Name used on the command line and in reports. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @throws InvalidInput if scanned layers shall keep what only unrolled ones can
   */
  public Depth {
    if (layers == Layers.SCANNED && remat == Remat.NONE) {
      throw new InvalidInput(
          "scanned layers keep nothing but each layer's input, and remat is none;"
              + " choose remat layer, or unrolled layers");
    }
  }

  /** In a few words. */
  public String described() {
    return layers.label() + " layers, remat " + remat.label();
  }
}
