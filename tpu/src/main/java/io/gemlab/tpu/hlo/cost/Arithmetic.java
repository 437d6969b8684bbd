package io.gemlab.tpu.hlo.cost;

import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.HloShapes;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.ShapeProto;
import io.gemlab.tpu.hlo.proto.WindowDimension;
import java.util.List;
import java.util.Set;

/**
 * What one instruction computes, without the bytes it moves; the conventions are XLA's.
 *
 * @see <a href="https://github.com/openxla/xla">openxla/xla, hlo_cost_analysis.cc</a>
 */
final class Arithmetic {
  private static final Set<String> TRANSCENDENTAL =
      Set.of(
          "exponential",
          "exponential-minus-one",
          "log",
          "log-plus-one",
          "logistic",
          "power",
          "sqrt",
          "cbrt",
          "rsqrt",
          "tanh",
          "tan",
          "sine",
          "cosine",
          "atan2",
          "erf");

  static final Set<String> ELEMENT_WISE =
      Set.of(
          "abs",
          "add",
          "and",
          "bitcast-convert",
          "ceil",
          "clamp",
          "compare",
          "complex",
          "convert",
          "count-leading-zeros",
          "divide",
          "floor",
          "imag",
          "is-finite",
          "maximum",
          "minimum",
          "multiply",
          "negate",
          "not",
          "or",
          "popcnt",
          "real",
          "reduce-precision",
          "remainder",
          "round-nearest-afz",
          "round-nearest-even",
          "select",
          "shift-left",
          "shift-right-arithmetic",
          "shift-right-logical",
          "sign",
          "stochastic-convert",
          "subtract",
          "xor");

  private final HloIndex index;

  Arithmetic(HloIndex index) {
    this.index = index;
  }

  static boolean isTranscendental(String opcode) {
    return TRANSCENDENTAL.contains(opcode);
  }

  /** An instruction; what calls, loops and branches run is not part of it. */
  Cost of(HloInstructionProto instruction) {
    String opcode = instruction.getOpcode();
    long elements = HloShapes.elements(instruction.getShape());
    if (ELEMENT_WISE.contains(opcode)) return Cost.ofElements(elements);
    if (TRANSCENDENTAL.contains(opcode)) return Cost.ofTranscendentals(elements);
    return switch (opcode) {
      case "dot" -> Cost.ofMatrix(dot(instruction));
      case "convolution" -> Cost.ofMatrix(convolution(instruction));
      case "fusion", "async-start" -> of(index.called(instruction, 0));
      case "map" -> applied(instruction, elements);
      case "reduce" -> applied(instruction, operandElements(instruction, 0) - elements);
      case "reduce-window" -> applied(instruction, windowed(instruction, elements));
      case "scatter" ->
          applied(instruction, operandElements(instruction, scatterUpdates(instruction)));
      case "sort" -> Cost.ofElements(comparisons(operandElements(instruction, 0)));
      case "all-reduce", "all-reduce-start" -> Cost.ofElements(elements);
      case "rng", "rng-bit-generator" -> Cost.ofTranscendentals(elements);
      default -> Cost.ZERO;
    };
  }

  private Cost of(HloComputationProto computation) {
    Cost sum = Cost.ZERO;
    for (HloInstructionProto instruction : computation.getInstructionsList()) {
      sum = sum.plus(of(instruction));
    }
    return sum;
  }

  private Cost applied(HloInstructionProto instruction, double times) {
    return of(index.called(instruction, 0)).times(times);
  }

  private long operandElements(HloInstructionProto instruction, int operand) {
    return HloShapes.elements(index.operand(instruction, operand).getShape());
  }

  /** Operands are n arrays, the indices, and n updates. */
  private static int scatterUpdates(HloInstructionProto scatter) {
    return scatter.getOperandIdsCount() / 2 + 1;
  }

  private static double comparisons(long elements) {
    return elements <= 1 ? 0 : (double) elements * (64 - Long.numberOfLeadingZeros(elements - 1));
  }

  /**
   * How often a window's reduction is applied: to all but the first of a window for each element.
   * But a window that reaches over the whole of one dimension from wherever it stands is how a
   * TPU's compiler writes a reduction that is broadcast again, which it computes once.
   */
  private static double windowed(HloInstructionProto instruction, long elements) {
    double places = 1;
    List<WindowDimension> dimensions = instruction.getWindow().getDimensionsList();
    for (int i = 0; i < dimensions.size(); i++) {
      WindowDimension dimension = dimensions.get(i);
      if (dimension.getSize() == 1) continue;
      long width = instruction.getShape().getDimensions(i);
      boolean wholly =
          dimension.getSize() == 2 * width - 1
              && dimension.getPaddingLow() == width - 1
              && dimension.getPaddingHigh() == width - 1;
      if (wholly) return elements - (double) elements / width;
      places *= dimension.getSize();
    }
    return elements * (places - 1);
  }

  private double dot(HloInstructionProto dot) {
    ShapeProto left = index.operand(dot, 0).getShape();
    double contracted = 1;
    for (long dimension : dot.getDotDimensionNumbers().getLhsContractingDimensionsList()) {
      contracted *= left.getDimensions((int) dimension);
    }
    return 2 * contracted * HloShapes.elements(dot.getShape());
  }

  private double convolution(HloInstructionProto convolution) {
    return ConvolutionFlops.of(
        convolution,
        index.operand(convolution, 0).getShape(),
        index.operand(convolution, 1).getShape());
  }
}
