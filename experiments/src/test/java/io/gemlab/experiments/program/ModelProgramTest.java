package io.gemlab.experiments.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.ops.Precision;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelProgramTest {
  private static final ModelSpec MODEL =
      new ModelSpec(
          "small",
          SmallModel.config(),
          OpChoice.of(Choices.attention("eager")),
          Precision.BFLOAT16);

  private static final BatchShape SIZE = new BatchShape(2, 12);

  @ParameterizedTest
  @EnumSource
  void runsFromFreshStateOnRandomTokens(ModelProgram program) {
    Gemma2Model<?> model = MODEL.model();
    GraphFunction function = program.trace(model, SIZE);
    try (Executable executable = new GraphPath().load(List.of(function))) {
      program.initialize(model, function, executable);
      try (Results results =
          executable.run(function.name(), program.randomArguments(model, SIZE))) {
        results.requireFinite();
        assertFalse(results.tensors().isEmpty());
      }
    }
  }

  /** Clipped, as its description says: the norm is a result only where gradients are. */
  @Test
  void theTrainingStepClips() {
    GraphFunction step = ModelProgram.TRAIN.trace(MODEL.model(), SIZE);
    assertTrue(
        step.results().stream()
            .anyMatch(result -> result.spec().name().equals(TrainStep.GRADIENT_NORM)));
  }

  @Test
  void aCellGoesToItsProcessWhole() throws IOException {
    TimedCell cell =
        new TimedCell(
            MODEL,
            List.of(ModelProgram.FORWARD, ModelProgram.TRAIN),
            Choices.path("fused"),
            SIZE,
            7,
            true);
    ObjectNode json = (ObjectNode) new JsonMapper().readTree(cell.json().toString());
    assertEquals(cell, TimedCell.of(new Fields("cell", json)));
  }
}
