package io.gemlab.graph.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.Parameter;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.kernel.Kernels;
import io.gemlab.graph.path.kernel.Packing;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.NodeInput;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.tensorflow.types.TBfloat16;

/** Copies of weights in bfloat16 beside a training step's own: always those of its weights. */
class WeightCopiesTest {
  static final List<ExecutionPath> PATHS = List.of(new GraphPath(), new ClusteredPath());

  private static final String STEP = "step";

  /** A step that tells lost updates, and so has TensorFlow's ops for an optimizer. */
  private static final String TOLD = "told";

  private static final LabelledBatch BATCH = SmallSteps.rows(0, 2);

  private static final TrainStep<TBfloat16> TRAINING =
      SmallSteps.of(TBfloat16.class, ElementType.F32, 2);

  private static final TrainStep.Optimizer OPTIMIZER =
      new TrainStep.Optimizer(
          new AdamW(0.9, 0.95, 1e-8, 0.1),
          Map.of(),
          LearningRate.constant(1e-2),
          OptionalDouble.of(1),
          OptionalDouble.empty(),
          true,
          false);

  private static final StepFunctions WHOLE =
      new StepFunctions.Whole(TRAINING.trace(STEP, OPTIMIZER));
  private static final GraphFunction OTHER =
      TRAINING.trace(TOLD, OPTIMIZER, TrainStep.Report.LOST_UPDATES);

  private Executable loaded(ExecutionPath path) {
    return SmallSteps.load(path, TRAINING, List.of(WHOLE.all().getFirst(), OTHER));
  }

  /** A step's loss before it. */
  private static float run(Executable executable, String function, StepLimits limits) {
    Map<String, HostTensor> arguments = new HashMap<>(BATCH.arguments());
    arguments.putAll(limits.arguments());
    try (Results results = executable.run(function, arguments)) {
      return results.get(TrainStep.LOSS).item();
    }
  }

  private static float run(Executable executable, String function) {
    return run(executable, function, StepLimits.NONE);
  }

  private void copyState(Executable from, Executable to) {
    for (GraphFunction.Input input : WHOLE.state()) {
      try (HostTensor value = from.read(input.spec().name())) {
        to.assign(input.spec().name(), value);
      }
    }
  }

  @Test
  void everyMatrixHasOneAndIsCastNoMore() {
    GraphFunction put =
        Kernels.putInto(WHOLE.all().getFirst(), Kernels::support, Packing.INTEGERS).function();
    Set<String> matrices =
        TRAINING.parameters().trained().stream()
            .filter(weight -> weight.weight().shape().dimensions().size() == 2)
            .map(Parameter::name)
            .collect(Collectors.toSet());
    assertEquals(
        matrices,
        put.updates().stream()
            .map(update -> Kernels.copiedFrom(update.spec().name()))
            .flatMap(Optional::stream)
            .collect(Collectors.toSet()));
    Set<String> cast =
        put.graph().getNodeList().stream()
            .filter(node -> node.getOp().equals("Cast"))
            .map(node -> NodeInput.of(node).getFirst().node())
            .collect(Collectors.toSet());
    put.state().stream()
        .filter(input -> matrices.contains(input.spec().name()))
        .forEach(input -> assertFalse(cast.contains(input.node()), input.node()));
  }

  /** Another session casts the weights that it is given; this one goes on with its copies. */
  @ParameterizedTest
  @FieldSource("PATHS")
  void aRunThatIsTakenUpElsewhereEqualsOneThatGoesOn(ExecutionPath path) {
    try (Executable goesOn = loaded(path);
        Executable takesUp = loaded(path)) {
      run(goesOn, STEP);
      run(goesOn, STEP);
      copyState(goesOn, takesUp);
      for (int i = 0; i < 2; i++) assertEquals(run(goesOn, STEP), run(takesUp, STEP));
      assertEquals(SmallSteps.bits(WHOLE, goesOn), SmallSteps.bits(WHOLE, takesUp));
    }
  }

  @ParameterizedTest
  @FieldSource("PATHS")
  void aStepReadsWhatWasAssigned(ExecutionPath path) {
    try (Executable executable = loaded(path);
        Executable fresh = loaded(path)) {
      float first = run(executable, STEP);
      assertNotEquals(first, run(executable, STEP));
      copyState(fresh, executable);
      assertEquals(first, run(executable, STEP));
    }
  }

  @ParameterizedTest
  @FieldSource("PATHS")
  void aStepThatIsNotTakenLeavesThem(ExecutionPath path) {
    StepLimits none = new StepLimits(Float.POSITIVE_INFINITY, 1e-6f);
    try (Executable executable = loaded(path);
        Executable unhindered = loaded(path)) {
      float first = run(executable, STEP, none);
      assertEquals(first, run(executable, STEP));
      float second = run(executable, STEP, none);
      assertNotEquals(first, second);
      assertEquals(second, run(executable, STEP));
      run(unhindered, STEP);
      run(unhindered, STEP);
      assertEquals(SmallSteps.bits(WHOLE, unhindered), SmallSteps.bits(WHOLE, executable));
    }
  }

  /** Weights that another function writes are copied anew. */
  @ParameterizedTest
  @FieldSource("PATHS")
  void aStepReadsWhatAnotherFunctionWrote(ExecutionPath path) {
    try (Executable executable = loaded(path);
        Executable elsewhere = loaded(path)) {
      run(executable, STEP);
      run(executable, TOLD);
      copyState(executable, elsewhere);
      float before = run(executable, STEP);
      assertEquals(before, run(elsewhere, STEP));
      assertEquals(SmallSteps.bits(WHOLE, elsewhere), SmallSteps.bits(WHOLE, executable));
    }
  }
}
