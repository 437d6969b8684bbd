package io.gemlab.experiments.cli.option;

import io.gemlab.experiments.recipe.Choices;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.quantize.Quantization;
import java.util.List;
import picocli.CommandLine.Option;

/** How matrices are kept and multiplied. */
public final class QuantizeOption {
  public static final String QUANTIZE = "--quantize";
  public static final String ACTIVATIONS = "--activations";

  @Option(
      names = QUANTIZE,
      paramLabel = "int8|int4",
      description =
          "Keep the matrices in 8 bits with a scale for each output, or in 4 with a scale for each"
              + " 32 weights; quantized as they are read. Default: not at all.")
  private String quantize;

  @Option(
      names = ACTIVATIONS,
      paramLabel = "int8",
      description =
          "With --quantize: round what the matrices multiply to 8 bits too, with a scale a row."
              + " Default: not at all.")
  private String activations;

  /**
   * @throws InvalidInput if there is none of this name, or activations are to be rounded and
   *     weights aren't
   */
  public Quantization quantization() {
    Quantization weights = quantize == null ? Quantization.NONE : Choices.quantization(quantize);
    if (activations == null) return weights;
    Choices.named("activations", activations, List.of(Quantization.INT8), Quantization::label);
    return switch (weights) {
      case INT8 -> Quantization.W8A8;
      case INT4 -> Quantization.W4A8;
      default ->
          throw new InvalidInput(
              "--activations int8 multiplies integers; give --quantize int8 or int4 with it");
    };
  }
}
