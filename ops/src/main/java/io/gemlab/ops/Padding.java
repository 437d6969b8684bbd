package io.gemlab.ops;

/**
 * The numbers that stand in place of a token's position and label where there is none. Knows no
 * TensorFlow, so that batches are made without it.
 */
public final class Padding {
  /** The position of padding. */
  public static final int POSITION = -1;

  /** The label of a position that is not scored, as in Hugging Face; any below 0 is read so. */
  public static final int LABEL = -100;

  private Padding() {}

  /** Whether a label stands for a position that is not scored. */
  public static boolean isLabel(int label) {
    return label < 0;
  }
}
