package io.gemlab.experiments.program;

import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import java.util.HashMap;
import java.util.Map;

/** What programs need of memory. Each is traced once, however often it is asked for. */
public final class ProgramNeeds {
  private final Map<Program, MemoryNeed> known = new HashMap<>();

  private record Program(ModelProgram program, ModelSpec model, BatchShape size) {
    MemoryNeed need() {
      return MemoryNeed.of(program.trace(model.model(), size));
    }
  }

  /**
   * What a program needs.
   *
   * @throws io.gemlab.ops.choice.UnsupportedChoiceException if it can't be traced as asked
   */
  public MemoryNeed of(ModelProgram program, ModelSpec model, BatchShape size) {
    return known.computeIfAbsent(new Program(program, model, size), Program::need);
  }
}
