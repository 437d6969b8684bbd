package io.gemlab.experiments.cli.option;

import io.gemlab.experiments.recipe.Choices;
import io.gemlab.graph.quantize.Quantization;
import picocli.CommandLine.Option;

/** How matrices are kept. */
public final class QuantizeOption {
  @Option(
      names = "--quantize",
      paramLabel = "int8|int4",
      description =
          "Keep the matrices in 8 bits with a scale for each output, or in 4 with a scale for each"
              + " 32 weights; quantized as they are read. Default: not at all.")
  private String quantize;

  /**
   * @throws io.gemlab.graph.base.input.InvalidInput if there is none of this name
   */
  public Quantization quantization() {
    return quantize == null ? Quantization.NONE : Choices.quantization(quantize);
  }
}
