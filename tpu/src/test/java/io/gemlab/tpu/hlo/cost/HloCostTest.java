package io.gemlab.tpu.hlo.cost;

import static io.gemlab.tpu.hlo.HandMade.f32;
import static io.gemlab.tpu.hlo.HandMade.shape;
import static io.gemlab.tpu.hlo.HandMade.tupleShape;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.gemlab.tpu.hlo.HandMade;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.proto.ConvolutionDimensionNumbers;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.PrimitiveType;
import io.gemlab.tpu.hlo.proto.ShapeProto;
import io.gemlab.tpu.hlo.proto.Window;
import io.gemlab.tpu.hlo.proto.WindowDimension;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Costs of programs small enough to be counted by hand. */
class HloCostTest {
  private final HandMade hlo = new HandMade();

  @Test
  void aProductCountsTwoForEachMultiplyAddAndItsThreeMatrices() {
    HandMade.Computation entry = hlo.computation();
    entry.dot(f32(5, 2, 3), entry.parameter(f32(5, 2, 7)), entry.parameter(f32(5, 7, 3)));
    entry.done();

    HloCost cost = HloCost.of(hlo.module());

    assertEquals(new Cost(420, 420, 0, 4 * (70 + 105 + 30)), cost.total());
    assertEquals(Map.of("parameter", 2L, "dot", 1L), cost.instructions());
    assertEquals(4 * (70 + 105), cost.parameterBytes());
    assertEquals(4 * 30, cost.outputBytes());
    assertEquals(4 * (70 + 105 + 30), cost.peakLiveBytes());
  }

  @Test
  void elementWiseChainsAreOneReadAndOneWrite() {
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto x = entry.parameter(f32(8));
    HloInstructionProto half = entry.op("convert", shape(PrimitiveType.BF16, 8), x);
    entry.op("tanh", shape(PrimitiveType.BF16, 8), half);
    entry.done();

    assertEquals(new Cost(8, 0, 8, 4 * 8 + 2 * 8), HloCost.of(hlo.module()).total());
  }

  @Test
  void aValueWithTwoReadersIsWrittenOnce() {
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto x = entry.parameter(f32(8, 8));
    HloInstructionProto square = entry.op("multiply", f32(8, 8), x, x);
    HloInstructionProto first = entry.dot(f32(8, 8), square, x);
    entry.dot(f32(8, 8), square, first);
    entry.done();

    // square: read x, write; each product: read two, write one.
    assertEquals(256 * (2 + 3 + 3), HloCost.of(hlo.module()).total().bytes());
  }

  @Test
  void aSliceReadsOnlyItself() {
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto slice = entry.op("slice", f32(2), entry.parameter(f32(100)));
    entry.op("negate", f32(2), slice);
    entry.done();

    assertEquals(4 * 2 + 4 * 2, HloCost.of(hlo.module()).total().bytes());
  }

  @Test
  void anUpdateInPlaceMovesOnlyTheUpdate() {
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto all = entry.parameter(f32(100));
    HloInstructionProto update = entry.parameter(f32(3));
    HloInstructionProto at = entry.parameter(shape(PrimitiveType.S32));
    entry.op("dynamic-update-slice", f32(100), all, update, at);
    entry.done();

    assertEquals(4 * 3 * 2, HloCost.of(hlo.module()).total().bytes());
  }

  @Test
  void aReductionAppliesItsComputationToAllButTheFirst() {
    HloComputationProto add = addition();
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto x = entry.parameter(f32(4, 6));
    HloInstructionProto zero = entry.parameter(f32());
    entry.calling(hlo.instruction("reduce", f32(4), x, zero), add);
    entry.done();

    Cost cost = HloCost.of(hlo.module()).total();
    assertEquals(20, cost.flops());
    assertEquals(4 * (24 + 1 + 4), cost.bytes());
  }

  @Test
  void aFusionComputesWhatItHoldsAndMovesWhatItTakesAndGives() {
    HandMade.Computation fused = hlo.computation();
    HloInstructionProto wide = fused.parameter(f32(100, 4));
    HloInstructionProto right = fused.parameter(f32(4, 5));
    HloInstructionProto rows = fused.op("slice", f32(10, 4), wide);
    fused.op("exponential", f32(10, 5), fused.dot(f32(10, 5), rows, right));
    HloComputationProto inside = fused.done();
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto x = entry.parameter(f32(100, 4));
    HloInstructionProto w = entry.parameter(f32(4, 5));
    entry.calling(hlo.instruction("fusion", f32(10, 5), x, w), inside);
    entry.done();

    assertEquals(new Cost(400, 400, 50, 4 * (40 + 20 + 50)), HloCost.of(hlo.module()).total());
  }

  /**
   * As a GPU's compiler takes a layer's weights from a stack: 4 rows of 40 are moved, not the 40.
   */
  @Test
  void whatIsStartedMovesWhatItComputesAndNotWhatItHandsOn() {
    HandMade.Computation started = hlo.computation();
    HloInstructionProto stack = started.parameter(f32(10, 4, 8));
    HloInstructionProto at = started.parameter(f32());
    started.op("dynamic-slice", f32(1, 4, 8), stack, at, at, at);
    HloComputationProto inside = started.done();
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto weights = entry.parameter(f32(10, 4, 8));
    HloInstructionProto layer = entry.parameter(f32());
    HloInstructionProto start =
        entry.calling(
            hlo.instruction(
                "async-start",
                tupleShape(tupleShape(f32(10, 4, 8), f32()), f32(1, 4, 8), f32()),
                weights,
                layer),
            inside);
    entry.op("async-done", f32(1, 4, 8), start);
    entry.done();

    assertEquals(new Cost(0, 0, 0, 4 * (32 + 32)), HloCost.of(hlo.module()).total());
  }

  @Test
  void loopsAreMultipliedOutByTheirBound() {
    HloCost cost = HloCost.of(loop("LT", 0, 26, 1, ""));
    assertEquals(26 * 2 * 8, cost.total().matrixFlops());
    assertEquals(26 * (16 + 1) + 27, cost.total().flops());
    assertEquals(List.of(), cost.uncountedLoops());
  }

  @Test
  void loopsMayCountDownAndByMoreThanOne() {
    assertEquals(9 * 16, HloCost.of(loop("GE", 25, 1, -3, "")).total().matrixFlops());
    assertEquals(0, HloCost.of(loop("LT", 5, 5, 1, "")).total().matrixFlops());
  }

  @Test
  void aCompilersOwnCountOfTurnsComesFirst() {
    String known = "{\"known_trip_count\":{\"n\":\"42\"},\"known_init_step\":{}}";
    assertEquals(42 * 16, HloCost.of(loop("NE", 0, 26, 1, known)).total().matrixFlops());
  }

  @Test
  void aLoopOfUnknownLengthIsNamed() {
    HloCost cost = HloCost.of(loop("NE", 0, 26, 1, ""));
    assertEquals(16, cost.total().matrixFlops());
    assertEquals(1, cost.uncountedLoops().size());
  }

  /** What a TPU's compiler makes of [6, 8] x [8, 10]: features contracted, no window. */
  @Test
  void aConvolutionWithoutWindowIsAProduct() {
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto left = entry.parameter(f32(6, 8));
    HloInstructionProto right = entry.parameter(f32(8, 10));
    entry.add(
        hlo.instruction("convolution", f32(6, 10), left, right)
            .setConvolutionDimensionNumbers(
                ConvolutionDimensionNumbers.newBuilder()
                    .setInputBatchDimension(0)
                    .setInputFeatureDimension(1)
                    .setKernelOutputFeatureDimension(1)
                    .setOutputFeatureDimension(1)));
    entry.done();

    assertEquals(2 * 6 * 8 * 10, HloCost.of(hlo.module()).total().matrixFlops());
  }

  /** A window of 3 over 5 places padded by one: the ends meet two of the kernel's places. */
  @Test
  void aPaddedConvolutionCountsWhatMeets() {
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto input = entry.parameter(f32(2, 5, 4));
    HloInstructionProto kernel = entry.parameter(f32(3, 4, 7));
    entry.add(
        hlo.instruction("convolution", f32(2, 5, 7), input, kernel)
            .setWindow(
                Window.newBuilder()
                    .addDimensions(
                        WindowDimension.newBuilder()
                            .setSize(3)
                            .setStride(1)
                            .setPaddingLow(1)
                            .setPaddingHigh(1)
                            .setWindowDilation(1)
                            .setBaseDilation(1)))
            .setConvolutionDimensionNumbers(
                ConvolutionDimensionNumbers.newBuilder()
                    .setInputBatchDimension(0)
                    .addInputSpatialDimensions(1)
                    .setInputFeatureDimension(2)
                    .addKernelSpatialDimensions(0)
                    .setKernelOutputFeatureDimension(2)
                    .addOutputSpatialDimensions(1)
                    .setOutputFeatureDimension(2)));
    entry.done();

    assertEquals(2.0 * 2 * 4 * 7 * (5 * 3 - 2), HloCost.of(hlo.module()).total().flops());
  }

  @Test
  void whatIsOnlyNamedInAPathBelongsToThatPart() {
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto x = entry.parameter(f32(4, 4));
    HloInstructionProto.Builder gate = hlo.instruction("tanh", f32(4, 4), x);
    gate.getMetadataBuilder().setOpName("model/layers.3/mlp/Tanh");
    HloInstructionProto gated = entry.add(gate);
    entry.op("negate", f32(4, 4), gated); // unnamed: from the mlp
    entry.done();

    Map<ModelPart, Cost> parts = HloCost.of(hlo.module()).parts();
    assertEquals(new Cost(16, 0, 16, 128), parts.get(ModelPart.MLP));
    assertEquals(Cost.ZERO, parts.get(ModelPart.OTHER));
  }

  @Test
  void theRooflineIsTheSlowerOfArithmeticAndMemory() {
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto x = entry.parameter(f32(4096, 4096));
    entry.op("negate", f32(4096, 4096), entry.dot(f32(4096, 4096), x, x));
    entry.done();

    double product = 2 * Math.pow(4096, 3) / 4.59e14; // far above two matrices at 2.8e12 B/s
    double negation = 2 * 4 * Math.pow(4096, 2) / 2.8e12;
    assertEquals(
        List.of(product, negation),
        HloKernel.of(hlo.module()).stream().map(kernel -> kernel.seconds(Chip.V5P)).toList());
  }

  /** A loop that multiplies a [2, 2] matrix by itself while its counter compares with its bound. */
  private HloModule loop(String direction, int first, int bound, int step, String backendConfig) {
    ShapeProto state = tupleShape(shape(PrimitiveType.S32), f32(2, 2));
    HandMade.Computation body = hlo.computation();
    HloInstructionProto before = body.parameter(state);
    HloInstructionProto counter = body.element(before, 0);
    HloInstructionProto x = body.element(before, 1);
    HloInstructionProto next =
        body.op("add", shape(PrimitiveType.S32), counter, body.constant(step));
    body.tuple(next, body.dot(f32(2, 2), x, x));
    HloComputationProto turn = body.done();
    HandMade.Computation test = hlo.computation();
    HloInstructionProto now = test.element(test.parameter(state), 0);
    test.add(
        hlo.instruction("compare", shape(PrimitiveType.PRED), now, test.constant(bound))
            .setComparisonDirection(direction));
    HloComputationProto condition = test.done();
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto start = entry.tuple(entry.constant(first), entry.parameter(f32(2, 2)));
    entry.calling(
        hlo.instruction("while", state, start)
            .setBackendConfig(ByteString.copyFromUtf8(backendConfig)),
        turn,
        condition);
    entry.done();
    return hlo.module();
  }

  private HloComputationProto addition() {
    HandMade.Computation add = hlo.computation();
    add.op("add", f32(), add.parameter(f32()), add.parameter(f32()));
    return add.done();
  }
}
