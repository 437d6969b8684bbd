package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.run.Measure;
import io.gemlab.reports.record.Measurement.Better;

/** What the runs of an ablation measure. */
public final class Measures {
  /** After the last step, and as a curve. */
  public static final Measure VALIDATION_LOSS =
      new Measure("validation loss", "nats/token", Better.LOWER);

  /** A curve over positions in the context, after the last step. */
  public static final Measure LOSS_BY_POSITION =
      new Measure("validation loss by position", "nats/token", Better.LOWER);

  /** A curve. */
  public static final Measure TRAINING_LOSS =
      new Measure("training loss", "nats/token", Better.LOWER);

  /** The bar that a trained model has to get under; the same in every run. */
  public static final Measure BIGRAM = new Measure("bigram entropy", "nats/token", Better.NEITHER);

  static final Measure BIGRAM_VALIDATION =
      new Measure("bigram cross-entropy of the validation text", "nats/token", Better.NEITHER);

  /** A curve: the global norm before clipping. */
  public static final Measure GRADIENT_NORM = new Measure("gradient norm", "", Better.NEITHER);

  /** A curve. */
  public static final Measure LEARNING_RATE = new Measure("learning rate", "", Better.NEITHER);

  /** Of all steps, validation left out. */
  public static final Measure TRAINING_TIME = new Measure("training time", "s", Better.LOWER);

  /** That the run was computed with: sums of floats may depend on it. */
  public static final Measure THREADS = new Measure("threads", "", Better.NEITHER);

  /** Of the part of the corpus that is trained on. */
  public static final Measure CORPUS_TOKENS =
      new Measure("corpus tokens", "tokens", Better.NEITHER);

  /** UTF-8 bytes of the corpus over its tokens, what turns nats a token into bits a byte. */
  public static final Measure BYTES_A_TOKEN = new Measure("bytes a token", "bytes", Better.NEITHER);

  public static final Measure FORWARD_TIME = new Measure("forward time", "ms", Better.LOWER);
  public static final Measure STEP_TIME = new Measure("training step time", "ms", Better.LOWER);

  /** Peaks above what the process began with. */
  public static final Measure FORWARD_MEMORY = new Measure("forward memory", "MiB", Better.LOWER);

  public static final Measure STEP_MEMORY =
      new Measure("training step memory", "MiB", Better.LOWER);

  /**
   * What the machine that ran the step reaches at best in its type, all cores or the share of them
   * that a run has threads; MFU is a share of it.
   */
  public static final Measure PRODUCT_RATE =
      new Measure("matrix-product rate", "FLOP/s", Better.HIGHER);

  public static final Measure LOGIT_DIFFERENCE =
      new Measure("largest logit difference", "", Better.LOWER);
  public static final Measure KL = new Measure("mean KL divergence", "nats/token", Better.LOWER);
  public static final Measure TOP_1 = new Measure("top-1 agreement", "", Better.HIGHER);

  private Measures() {}
}
