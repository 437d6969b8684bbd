package io.gemlab.graph.gemma2;

import io.gemlab.graph.path.Executable;
import io.gemlab.graph.tensor.ElementType;
import io.gemlab.graph.tensor.HostTensor;
import io.gemlab.graph.train.TrainStep;

/** The optimizer's state in tests. */
final class TrainingState {
  private TrainingState() {}

  /** No step done, no moments. */
  static void zero(Gemma2Config config, Executable executable) {
    executable.assign(TrainStep.STEP, HostTensor.scalar(0));
    for (WeightSpec weight : WeightSpec.of(config)) {
      HostTensor zeros = HostTensor.zeros(ElementType.F32, weight.shape());
      executable.assign(TrainStep.expAvg(weight.name()), zeros);
      executable.assign(TrainStep.expAvgSq(weight.name()), zeros);
    }
  }
}
