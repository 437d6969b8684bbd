package io.gemlab.experiments.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.experiments.SmallModel;
import io.gemlab.graph.base.adapter.Lora;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.gemma2.Trainable;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.StepFunctions;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.ops.attention.EagerAttention;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.tensorflow.types.TFloat32;

/** A step of several functions, whose state lies on the devices whichever of them runs. */
class StepPartTest {
  private static final TrainStep.Optimizer OPTIMIZER =
      new TrainStep.Optimizer(
          new AdamW(0.9, 0.95, 1e-8, 0.1), LearningRate.constant(1e-3), OptionalDouble.empty());

  private static StepFunctions step() {
    Gemma2Model<TFloat32> model =
        new Gemma2Model<>(SmallModel.config(), OpChoice.of(new EagerAttention()), TFloat32.class)
            .with(new Lora(4, 8, List.of("all-linear")));
    TrainStep<TFloat32> step =
        new TrainStep<>(
            model,
            Parameters.of(model, Trainable.ADAPTER, ElementType.F32, ElementType.F32),
            new TrainingLoss.BatchShape(1, 16),
            new NextTokenLoss());
    return new StepFunctions.Accumulating(
        step.traceAccumulate("accumulate", OPTIMIZER),
        step.traceUpdate("update", OPTIMIZER, TrainStep.Report.PLAIN));
  }

  @Test
  void whatAFunctionDoesNotTakeLiesBesideIt() {
    List<StepPart> parts = StepPart.of(step(), 3);
    assertEquals(List.of("accumulate", "update"), parts.stream().map(StepPart::name).toList());
    assertEquals(List.of(3, 1), parts.stream().map(StepPart::calls).toList());
    assertEquals(Set.of(StateRole.MOMENT, StateRole.STEP), roles(parts.getFirst()));
    assertEquals(Set.of(StateRole.WEIGHT), roles(parts.getLast()));
  }

  private static Set<StateRole> roles(StepPart part) {
    return part.beside().stream()
        .map(input -> input.role().orElseThrow())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** What is beside counts, and decides whether the step fits. */
  @Test
  void itIsNeededOfTheDevice() {
    StepPart update = StepPart.of(step(), 3).getLast();
    long weights = update.beside().stream().mapToLong(input -> input.spec().bytes()).sum();
    CompileCase prefill = StoredResults.compileCase();
    CompileCase part =
        new CompileCase(
            prefill.name(),
            prefill.program(),
            prefill.model(),
            OptionalInt.of(1),
            16,
            prefill.target(),
            Optional.empty(),
            prefill.loss(),
            Optional.of(update));
    for (long over : new long[] {0, 1}) {
      long peak = StoredResults.DEVICE_MEMORY - weights + over;
      CaseResult result = StoredResults.of(part, StoredResults.compiled(peak));
      assertEquals(peak + weights, result.needed().orElseThrow());
      assertEquals(over == 0, result.fits());
    }
  }
}
