package io.gemlab.graph.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.gemma2.Trainable;
import io.gemlab.graph.gemma2.WeightKind;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.SmallTraining;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.EagerAttention;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** The loss in pieces is the loss, forward and back; the final cap is in both. */
public class PiecewiseLossTest {
  private static final LabelledBatch BATCH = SmallSteps.rows(0, 2);

  static List<ExecutionPath> paths() {
    return List.of(new GraphPath(), new ClusteredPath(), new FusedPath());
  }

  /** Pieces of some positions, and of one each. */
  @ParameterizedTest
  @MethodSource("paths")
  public void isTheLossOfTheWhole(ExecutionPath path) {
    Gemma2Model<TFloat32> model = model(TFloat32.class, Depth.PLAIN, Quantization.NONE);
    for (int pieces : new int[] {4, SmallSteps.LENGTH}) {
      same(path, model, Parameters.trained(model), pieces, 5e-5);
    }
  }

  @Test
  void alsoWhereLayersAreComputedAgain() {
    for (Depth.Layers layers : Depth.Layers.values()) {
      Gemma2Model<TFloat32> model =
          model(TFloat32.class, new Depth(layers, Depth.Remat.LAYER), Quantization.NONE);
      same(new GraphPath(), model, Parameters.trained(model), 3, 5e-5);
    }
  }

  /** Its gradients are added up in float32. */
  @Test
  void inBfloat16() {
    Gemma2Model<TBfloat16> model = model(TBfloat16.class, Depth.PLAIN, Quantization.NONE);
    same(new GraphPath(), model, Parameters.trained(model), 4, 2e-2);
  }

  @Test
  void aFrozenOrQuantizedTableTakesNoGradient() {
    Trainable norms = Trainable.without(WeightKind.EMBEDDING, WeightKind.ATTENTION, WeightKind.MLP);
    for (Quantization quantization : List.of(Quantization.NONE, Quantization.INT8)) {
      Gemma2Model<TFloat32> model = model(TFloat32.class, Depth.PLAIN, quantization);
      Parameters parameters = Parameters.of(model, norms, ElementType.F32, ElementType.F32);
      same(new GraphPath(), model, parameters, 4, 5e-5);
    }
  }

  /** Neither in the step nor in the loss alone, whose pieces wait for each other too. */
  @Test
  void scoresOfAllPositionsNeverExist() {
    Gemma2Model<TFloat32> model = model(TFloat32.class, Depth.PLAIN, Quantization.NONE);
    int vocabulary = model.config().vocabSize();
    for (int pieces : new int[] {1, 4}) {
      TrainStep<TFloat32> step = step(model, Parameters.trained(model), pieces);
      for (GraphFunction function :
          List.of(step.trace("step", SmallSteps.OPTIMIZER), step.traceLoss("loss"))) {
        assertEquals(2 * SmallSteps.LENGTH / pieces, mostRows(function, vocabulary));
      }
    }
  }

  /** Rows of the largest matrix over the vocabulary, one-hot or scores. */
  private static long mostRows(GraphFunction function, int vocabulary) {
    long most = 0;
    for (GraphFunction.Loop loop : function.loops()) {
      most = Math.max(most, mostRows(loop.body(), vocabulary));
    }
    try (Graph graph = new Graph()) {
      graph.importGraphDef(function.graph());
      var operations = graph.operations();
      while (operations.hasNext()) {
        GraphOperation operation = operations.next();
        for (int i = 0; i < operation.numOutputs(); i++) {
          long[] shape = operation.output(i).shape().asArray();
          if (shape == null || shape.length < 2 || shape[shape.length - 1] != vocabulary) continue;
          long rows = 1;
          for (int axis = 0; axis + 1 < shape.length; axis++) rows *= shape[axis];
          most = Math.max(most, rows);
        }
      }
    }
    return most;
  }

  @Test
  void piecesThatCannotBeAreRefused() {
    assertEquals(
        "the loss is cut into 0 pieces; give 1 or more",
        assertThrows(InvalidInput.class, () -> new NextTokenLoss(0)).getMessage());
    Gemma2Model<TFloat32> model = model(TFloat32.class, Depth.PLAIN, Quantization.NONE);
    TrainStep<TFloat32> step = step(model, Parameters.trained(model), SmallSteps.LENGTH - 1);
    assertEquals(
        "rows of 24 tokens can't be cut into 23 pieces for the loss; give a number that divides them",
        assertThrows(InvalidInput.class, () -> step.traceLoss("loss")).getMessage());
  }

  private static <T extends TFloating> Gemma2Model<T> model(
      Class<T> type, Depth depth, Quantization quantization) {
    return new Gemma2Model<>(
        SmallTraining.CONFIG, OpChoice.of(new EagerAttention()), type, depth, quantization);
  }

  private static <T extends TFloating> TrainStep<T> step(
      Gemma2Model<T> model, Parameters parameters, int pieces) {
    return new TrainStep<>(
        model,
        parameters,
        new TrainingLoss.BatchShape(2, SmallSteps.LENGTH),
        new NextTokenLoss(pieces));
  }

  /** Compares the loss and every gradient, of the tensor's largest. */
  private static <T extends TFloating> void same(
      ExecutionPath path,
      Gemma2Model<T> model,
      Parameters parameters,
      int pieces,
      double tolerance) {
    TrainStep<T> whole = step(model, parameters, 1);
    TrainStep<T> inPieces = step(model, parameters, pieces);
    List<GraphFunction> functions =
        List.of(
            whole.traceGradients("whole"),
            inPieces.traceGradients("pieces"),
            whole.traceLoss("loss"),
            inPieces.traceLoss("loss_in_pieces"));
    try (Executable executable = path.load(functions)) {
      ModelWeights.initialize(parameters, 1, 0.2, executable);
      float want = loss(executable, "loss");
      assertEquals(want, loss(executable, "loss_in_pieces"), 1e-2 * tolerance * want);
      Map<String, float[]> expected = results(executable, "whole");
      Map<String, float[]> got = results(executable, "pieces");
      assertEquals(expected.keySet(), got.keySet());
      expected.forEach(
          (name, values) -> {
            float largest = SmallSteps.largest(values);
            assertTrue(largest > 0, name);
            assertArrayEquals(values, got.get(name), (float) tolerance * largest, name);
          });
    }
  }

  private static float loss(Executable executable, String function) {
    try (Results results = executable.run(function, BATCH.arguments())) {
      assertEquals(BATCH.scored(), results.get(TrainStep.TOKENS).ints()[0]);
      return results.get(TrainStep.LOSS).item();
    }
  }

  private static Map<String, float[]> results(Executable executable, String function) {
    Map<String, float[]> all = new HashMap<>();
    try (Results results = executable.run(function, BATCH.arguments())) {
      for (Map.Entry<String, HostTensor> result : results.tensors().entrySet()) {
        all.put(result.getKey(), result.getValue().floats());
      }
    }
    return all;
  }
}
