package io.gemlab.tpu.hlo.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.Depth.Layers;
import io.gemlab.graph.gemma2.Depth.Remat;
import io.gemlab.graph.gemma2.ModelFlops;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.tpu.hlo.Exports;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.cost.Cost;
import io.gemlab.tpu.hlo.cost.HloCost;
import io.gemlab.tpu.hlo.cost.MatrixFlops;
import io.gemlab.tpu.hlo.cost.ModelPart;
import io.gemlab.tpu.hlo.proto.PrecisionConfig.Precision;
import io.gemlab.tpu.hlo.rewrite.FullPrecision;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Exports of the tiny preset: the same graph, through the same code, as the published sizes. */
class HloExporterTest {
  private static final Gemma2Config TINY = Gemma2Presets.config("tiny");
  private static final Depth SCANNED = new Depth(Layers.SCANNED, Remat.LAYER);
  private static final Depth REMATERIALISED = new Depth(Layers.UNROLLED, Remat.LAYER);
  private static final int ROWS = 2;
  private static final int LENGTH = 96; // more than the window of 64

  @Test
  void theTrainingStepKeepsItsSignature() {
    GraphFunction step = Exports.trainStep(TINY, new EagerAttention(), ROWS, LENGTH);
    HloModule module = HloExporter.export(step);

    List<TensorSpec> inputs = step.inputs().stream().map(GraphFunction.Input::spec).toList();
    assertEquals(inputs.stream().map(TensorSpec::name).toList(), module.parameterNames());
    assertEquals(WeightSpec.EMBEDDING, module.parameterNames().getFirst());
    HloCost cost = HloCost.of(module);
    long state = 3 * 4 * WeightSpec.parameters(TINY) + 4; // with both moments, and the step
    long batch = 3 * 4 * ROWS * LENGTH;
    assertEquals(state + batch, cost.parameterBytes());
    // With the loss, its sum and tokens, the norm, the rate, and a flag for each trained tensor.
    long results = 5 * 4 + 4L * WeightSpec.of(TINY).size();
    assertEquals(state + results, cost.outputBytes());

    assertEquals(step.updates().size(), module.aliases().size());
    for (HloModule.Alias alias : module.aliases()) {
      String output = step.outputs().get(alias.output()).spec().name();
      assertEquals(output, module.parameterNames().get(alias.parameter()));
    }
  }

  @Test
  void theForwardPassTakesTheWeightsAsTheyAre() {
    HloModule module = HloExporter.export(Exports.forward(TINY, BlockwiseAttention.auto(), 1, 96));
    HloCost cost = HloCost.of(module);
    assertEquals(2 * WeightSpec.parameters(TINY) + 2 * 4 * 96, cost.parameterBytes());
    assertEquals(4L * 96 * TINY.vocabSize(), cost.outputBytes());
    assertEquals(List.of(), module.aliases());
    assertEquals(List.of(), cost.uncountedLoops());
  }

  @Test
  void matrixFlopsAreTheModelsOnceRecomputationAndHiddenPairsAreLeftOut() {
    for (Attention attention : List.of(new EagerAttention(), BlockwiseAttention.auto())) {
      MatrixFlops forward =
          MatrixFlops.of(HloExporter.export(Exports.forward(TINY, attention, ROWS, LENGTH)));
      MatrixFlops training =
          MatrixFlops.of(HloExporter.export(Exports.trainStep(TINY, attention, ROWS, LENGTH)));

      double model = modelFlops();
      assertEquals(model, ModelFlops.of(TINY, ModelFlops.Pass.FORWARD, ROWS, LENGTH), 1e-9 * model);
      assertEquals(
          model, forward.ofModel(TINY, ModelFlops.Pass.FORWARD, ROWS, LENGTH), attention.label());
      assertEquals(
          3 * model,
          training.ofModel(TINY, ModelFlops.Pass.TRAINING, ROWS, LENGTH),
          attention.label());
      assertEquals(0, forward.recomputed());
      boolean recomputes = attention instanceof BlockwiseAttention;
      assertEquals(recomputes ? forward.attention() / 2 : 0, training.recomputed());
      assertEquals(3 * forward.attention(), training.attention());
    }
  }

  /** Two for each weight but the norms' and each token; four for each visible pair's head_dim. */
  private static double modelFlops() {
    long norms =
        WeightSpec.of(TINY).stream()
            .filter(WeightSpec::isNorm)
            .mapToLong(weight -> weight.shape().elements())
            .sum();
    long pairs = 0;
    for (int layer = 0; layer < TINY.numHiddenLayers(); layer++) {
      int window = TINY.attention(layer).window().orElse(LENGTH);
      for (int query = 0; query < LENGTH; query++) pairs += Math.min(query + 1, window);
    }
    return ROWS
        * (2.0 * (WeightSpec.parameters(TINY) - norms) * LENGTH
            + 4.0 * TINY.numAttentionHeads() * TINY.headDim() * pairs);
  }

  @Test
  void everyPartOfATrainingStepIsFound() {
    HloModule module =
        HloExporter.export(Exports.trainStep(TINY, new EagerAttention(), ROWS, LENGTH));
    Map<ModelPart, Cost> parts = HloCost.of(module).parts();
    double tokens = ROWS * LENGTH;
    double mlp = 6.0 * 3 * TINY.hiddenSize() * TINY.intermediateSize() * TINY.numHiddenLayers();
    double head = 6.0 * TINY.hiddenSize() * TINY.vocabSize();
    assertEquals(mlp * tokens, parts.get(ModelPart.MLP).matrixFlops());
    assertEquals(head * tokens, parts.get(ModelPart.LOGITS).matrixFlops());
    assertEquals(
        parts.values().stream().mapToDouble(Cost::matrixFlops).sum(),
        parts.get(ModelPart.ATTENTION).matrixFlops() + (mlp + head) * tokens);
    assertTrue(parts.get(ModelPart.OPTIMIZER).transcendentals() >= WeightSpec.parameters(TINY));
    assertTrue(parts.get(ModelPart.EMBEDDING).bytes() > 0);
    assertTrue(parts.get(ModelPart.NORM).flops() > 0);
  }

  /** A scanned step is the same products in a smaller program, found by part in its loops too. */
  @Test
  void scannedLayersAreTheSameProductsOfTheSameParts() {
    GraphFunction traced =
        Exports.trainStep(TINY, BlockwiseAttention.auto(), ROWS, LENGTH, SCANNED);
    HloModule scanned = HloExporter.export(traced);
    HloModule unrolled =
        HloExporter.export(
            Exports.trainStep(TINY, BlockwiseAttention.auto(), ROWS, LENGTH, REMATERIALISED));
    HloModule plain =
        HloExporter.export(Exports.trainStep(TINY, BlockwiseAttention.auto(), ROWS, LENGTH));

    HloCost cost = HloCost.of(scanned);
    assertEquals(List.of(), cost.uncountedLoops());
    assertEquals(HloCost.of(plain).parameterBytes(), cost.parameterBytes());
    assertEquals(traced.updates().size(), scanned.aliases().size());
    Map<ModelPart, Cost> parts = HloCost.of(unrolled).parts();
    for (ModelPart part : List.of(ModelPart.ATTENTION, ModelPart.MLP, ModelPart.LOGITS)) {
      assertEquals(
          parts.get(part).matrixFlops(), cost.parts().get(part).matrixFlops(), part.label());
    }
    double again =
        2
            * WeightSpec.of(TINY).stream()
                .filter(weight -> weight.layer().isPresent() && !weight.isNorm())
                .mapToLong(weight -> weight.shape().elements())
                .sum()
            * (double) (ROWS * LENGTH);
    double forwardAttention =
        MatrixFlops.of(
                HloExporter.export(
                    Exports.forward(TINY, BlockwiseAttention.auto(), ROWS, LENGTH, SCANNED)))
            .attention();
    assertEquals(
        MatrixFlops.of(plain).executed() + again + forwardAttention,
        MatrixFlops.of(scanned).executed());
    assertTrue(scanned.toByteArray().length < 0.8 * unrolled.toByteArray().length);
  }

  @Test
  void readAgainItIsTheSameProgram() {
    byte[] bytes = HloExporter.export(scaled()).toByteArray();
    assertArrayEquals(bytes, HloModule.of(bytes).toByteArray());
    byte[] cut = Arrays.copyOf(bytes, bytes.length - 1);
    assertThrows(InvalidInput.class, () -> HloModule.of(cut));
  }

  @Test
  void namesAndAliasesMustFit() {
    HloModule module = HloExporter.export(scaled());
    assertThrows(IllegalArgumentException.class, () -> module.withParameterNames(List.of("x")));
    HloModule two = HloExporter.export(Exports.forward(TINY, new EagerAttention(), 1, 8));
    assertThrows(
        IllegalArgumentException.class, () -> two.withAliases(List.of(new HloModule.Alias(0, 0))));
  }

  /** A lone output is no tuple and has no index; compilers refuse one that is given. */
  @Test
  void aLoneOutputTakesItsStatesMemory() {
    GraphFunction doubled;
    try (Trace trace = new Trace("doubled")) {
      Operand<TFloat32> x = trace.state("x", StateRole.WEIGHT, TFloat32.class, TensorShape.of(3));
      trace.update("x", trace.ops().math.add(x, x));
      doubled = trace.finish();
    }
    HloModule module = HloExporter.export(doubled);
    assertEquals(List.of(new HloModule.Alias(0, 0)), module.aliases());
    assertEquals(
        List.of(), module.proto().getInputOutputAlias().getEntries(0).getOutputShapeIndexList());
  }

  @Test
  void productsOfFloat32AreAskedForInFull() {
    GraphFunction products;
    try (Trace trace = new Trace("products")) {
      Ops tf = trace.ops();
      Operand<TFloat32> x = trace.argument("x", TFloat32.class, TensorShape.of(4, 4));
      Operand<TBfloat16> narrow = tf.dtypes.cast(x, TBfloat16.class);
      trace.result("float32", tf.linalg.matMul(x, x));
      trace.result("bfloat16", tf.linalg.matMul(narrow, narrow));
      products = trace.finish();
    }
    HloModule exact = FullPrecision.of(HloExporter.export(products));
    List<List<Precision>> asked =
        exact.proto().getComputationsList().stream()
            .flatMap(computation -> computation.getInstructionsList().stream())
            .filter(instruction -> instruction.getOpcode().equals("dot"))
            .sorted(Comparator.comparing(dot -> dot.getShape().getElementTypeValue()))
            .map(dot -> dot.getPrecisionConfig().getOperandPrecisionList())
            .toList();
    assertEquals(List.of(Precision.HIGHEST, Precision.HIGHEST), asked.getFirst());
    assertFalse(asked.getLast().contains(Precision.HIGHEST));
    assertEquals(2, asked.size());
  }

  @Test
  void whatXlaCannotCompileIsRefusedWithItsReason() {
    GraphFunction function;
    try (Trace trace = new Trace("words")) {
      Ops tf = trace.ops();
      Operand<TInt32> x = trace.argument("x", TInt32.class, TensorShape.of(3));
      trace.result("y", tf.strings.toNumber(tf.dtypes.asString(x)));
      function = trace.finish();
    }
    HloExportException refused =
        assertThrows(HloExportException.class, () -> HloExporter.export(function));
    assertTrue(refused.getMessage().contains("AsString"), refused.getMessage());
    assertEquals(1, refused.getMessage().lines().count());
  }

  @Test
  void aLoopIsMultipliedOut() {
    GraphFunction function;
    try (Trace trace = new Trace("powers")) {
      Operand<TFloat32> x = trace.argument("x", TFloat32.class, TensorShape.of(4, 4));
      Operand<TFloat32> by = trace.argument("by", TFloat32.class, TensorShape.of(4, 4));
      List<Operand<?>> powers =
          trace.loop(
              "power",
              7,
              List.of(x),
              List.of(by),
              (inside, turn, carried, held) ->
                  List.of(
                      inside
                          .ops()
                          .linalg
                          .matMul(
                              carried.getFirst().asOutput().expect(TFloat32.class),
                              held.getFirst().asOutput().expect(TFloat32.class))));
      trace.result("y", powers.getFirst());
      function = trace.finish();
    }
    HloCost cost = HloCost.of(HloExporter.export(function));
    assertEquals(List.of(), cost.uncountedLoops());
    assertEquals(7 * 2 * 64, cost.total().matrixFlops());
  }

  /** A function of one state and one argument. */
  private static GraphFunction scaled() {
    try (Trace trace = new Trace("scaled")) {
      Ops tf = trace.ops();
      Operand<TFloat32> sum =
          trace.state("sum", StateRole.WEIGHT, TFloat32.class, TensorShape.of(3));
      Operand<TFloat32> by = trace.argument("by", TFloat32.class, TensorShape.of());
      trace.update("sum", tf.math.mul(sum, by));
      trace.result("constant", tf.constant(2f));
      return trace.finish();
    }
  }
}
