package io.gemlab.experiments.conformance;

import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.generate.LoadOptions;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.Precision;
import io.gemlab.ops.attention.Attention;

/**
 * A way to run a model.
 *
 * @param path who runs it
 * @param attention which attention; sdpa with permission to drop the cap
 * @param precision the type computed in
 * @param quantization how its matrices are kept
 */
public record Configuration(
    ExecutionPath path, Attention attention, Precision precision, Quantization quantization) {

  /** One whose weights are floats. */
  public Configuration(ExecutionPath path, Attention attention, Precision precision) {
    this(path, attention, precision, Quantization.NONE);
  }

  /** sdpa may drop the attention's cap, and is then held to have dropped it and nothing else. */
  LoadOptions options() {
    return new LoadOptions(precision, quantization, path, new OpChoice(attention, true));
  }

  /** The numbers it works with, for people: of quantized weights how they are kept. */
  public String type() {
    return quantization == Quantization.NONE ? precision.label() : quantization.label();
  }

  /** For people. */
  public String label() {
    return "%s path, %s attention, %s".formatted(path.label(), attention.label(), type());
  }
}
