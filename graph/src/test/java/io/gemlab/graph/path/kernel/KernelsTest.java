package io.gemlab.graph.path.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Golden;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.KernelUse;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.ops.Kernel;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.matrix.DenseMatrix;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** Where kernels are put in, and where they are not. */
class KernelsTest {
  private static final ExecutionPath GRAPH = new GraphPath().withProducts(Products.measured());
  private static final ExecutionPath CLUSTERED =
      new ClusteredPath().withProducts(Products.measured());

  private static final String NAME = "squares";
  private static final Packing PACKING = new Packing(true);
  private static final HostTensor X = HostTensor.of(new float[] {1, 2, 3, -4, 5, 0.5f}, 2, 3);

  /**
   * {@code y y^T} of {@code y = x x^T}: two products of few rows, in a type with kernels or not.
   */
  private static <T extends TFloating> GraphFunction traced(Class<T> type, boolean gradients) {
    try (Trace trace = new Trace(NAME)) {
      Ops tf = trace.ops();
      Operand<T> x =
          Scalars.cast(tf, trace.argument("x", TFloat32.class, TensorShape.of(2, 3)), type);
      Operand<T> once = new DenseMatrix(x).product(tf, x);
      Operand<T> twice = new DenseMatrix(once).product(tf, once);
      trace.result("twice", Scalars.toFloat32(tf, twice));
      if (gradients) {
        trace.takesGradients();
        trace.result("gradient", tf.gradients(twice, List.of(x)).<T>dy(0));
      }
      return trace.finish();
    }
  }

  private static GraphFunction traced() {
    return traced(TBfloat16.class, false);
  }

  private static long count(GraphFunction function, String op) {
    return function.graph().getNodeList().stream().map(NodeDef::getOp).filter(op::equals).count();
  }

  /** What every path but a session's runs: as if nothing had been marked. */
  @Test
  void aTracedGraphHoldsNoMarks() {
    assertEquals(0, count(traced(), "IdentityN"));
    assertEquals(2, count(traced(), "MatMul"));
    assertEquals(
        List.of(Kernel.PRODUCT, Kernel.PRODUCT),
        traced().kernelPlaces().stream().map(GraphFunction.KernelPlace::kernel).toList());
  }

  @Test
  void aKernelTakesThePlaceOfTheOpsThatItStandsFor() {
    GraphFunction put = Kernels.putInto(traced(), Kernels::support, PACKING).function();
    assertEquals(2, count(put, RowProductOp.BFLOAT16.type()));
    assertEquals(0, count(put, "MatMul"));
    assertEquals(traced().inputs(), put.inputs());
    assertEquals(List.of(), put.kernelPlaces());
  }

  @Test
  void aValueThatNothingNeedsHasNoPlace() {
    try (Trace trace = new Trace(NAME)) {
      Ops tf = trace.ops();
      Operand<TBfloat16> x = trace.argument("x", TBfloat16.class, TensorShape.of(2, 3));
      new DenseMatrix(x).product(tf, x);
      trace.result("x", tf.identity(x));
      assertEquals(List.of(), trace.finish().kernelPlaces());
    }
  }

  @Test
  void everyPathHasTheSameValues() {
    float[] want = run(new EagerPath());
    for (ExecutionPath path : List.of(GRAPH, CLUSTERED, new FusedPath())) {
      assertArrayEquals(want, run(path), path.label());
    }
  }

  private static float[] run(ExecutionPath path) {
    try (Executable executable = path.load(List.of(traced()));
        Results results = executable.run(NAME, Map.of("x", X))) {
      return results.get("twice").floats();
    }
  }

  @Test
  void aReportCountsThemAndSaysWhyThereAreNone() {
    assertEquals("2 of 2 places", use(GRAPH, traced()).described());
    assertEquals("2 of 2 places", use(CLUSTERED, traced()).described());
    assertEquals(
        "none of 2 places: XLA compiles all nodes; choose the graph or the clustered path",
        use(new FusedPath(), traced()).described());
    assertTrue(
        use(new EagerPath(), traced()).described().startsWith("none of 2 places: this path runs"));
    KernelUse wide = use(GRAPH, traced(TFloat32.class, false));
    assertTrue(wide.described().startsWith("none could be used"), wide.described());
  }

  private static KernelUse use(ExecutionPath path, GraphFunction function) {
    try (Executable executable = path.load(List.of(function))) {
      return executable.report(NAME).kernels();
    }
  }

  /** Gradients pass where a mark is beside the value, and come back through TensorFlow's ops. */
  @Test
  void whereGradientsAreTakenThereAreNone() {
    GraphFunction step = traced(TBfloat16.class, true);
    assertEquals(List.of(), step.kernelPlaces());
    assertEquals(0, count(step, "IdentityN"));
    assertSame(step, Kernels.putInto(step, Kernels::support, PACKING).function());
  }

  /** Of one token a row, whose attention has a place wherever no gradient comes back to it. */
  @Test
  void aModelsTrainingHasNoneOfInference() {
    Gemma2Model<TBfloat16> model =
        new Gemma2Model<>(
            Golden.config("ckpt_f32"), OpChoice.of(new EagerAttention()), TBfloat16.class);
    TrainStep<TBfloat16> step =
        new TrainStep<>(model, new TrainingLoss.BatchShape(2, 1), new NextTokenLoss());
    assertEquals(
        Collections.nCopies(model.config().numHiddenLayers(), Kernel.ATTENTION),
        notInTraining(step.traceLoss("loss")));
    assertEquals(List.of(), notInTraining(step.traceGradients("gradients")));
  }

  private static List<Kernel> notInTraining(GraphFunction function) {
    return function.kernelPlaces().stream()
        .map(GraphFunction.KernelPlace::kernel)
        .filter(kernel -> !kernel.isInTraining())
        .toList();
  }
}
