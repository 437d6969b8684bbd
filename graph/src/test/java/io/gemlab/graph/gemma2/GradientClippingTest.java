package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.ops.attention.EagerAttention;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As torch.nn.utils.clip_grad_norm_: all gradients by one factor, never up. */
class GradientClippingTest {
  private static final GoldenFunctions FUNCTIONS =
      new GoldenFunctions("ckpt_f32", OpChoice.of(new EagerAttention()));

  @ParameterizedTest
  @CsvSource({"1.0", "77.0", "78.0"})
  void scalesGradientsDownToTheLargestNormAllowed(double max) {
    GraphFunction step = FUNCTIONS.step(OptionalDouble.of(max));
    try (Executable executable = new EagerPath().load(List.of(step))) {
      Golden.loadWeights("ckpt_f32", executable);
      TrainStep.resetOptimizer(step, executable);
      double norm = Golden.gradientNorms("A")[0];
      try (Results results = executable.run(GoldenFunctions.STEP, Golden.labelled("A"))) {
        assertEquals(norm, results.get(TrainStep.GRADIENT_NORM).item(), 1e-4 * norm);
      }
      double factor = Math.min(1, max / (norm + 1e-6));
      Golden.tensors("A_grads")
          .forEach(
              (name, gradient) -> {
                try (HostTensor moment = executable.read(TrainStep.expAvg(name))) {
                  float[] want = gradient.clone();
                  for (int i = 0; i < want.length; i++) {
                    want[i] *= (float) (factor * (1 - GoldenFunctions.BETA1));
                  }
                  double off = Differences.largest(moment.floats(), want) / Differences.size(want);
                  assertTrue(off <= 1e-3, name + " is off by " + off);
                }
              });
    }
  }
}
