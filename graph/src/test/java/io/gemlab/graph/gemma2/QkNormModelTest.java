package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.EagerAttention;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.types.TFloat32;

/** What a model with QK-norm is known by: the size of its queries and keys does not matter. */
class QkNormModelTest {
  private static final String FORWARD = "forward";
  private static final float FACTOR = 4;

  @Test
  void largerQueriesAndKeysChangeNothing() {
    assertEquals(0, change(true, LayerWeight.Q_PROJ, LayerWeight.K_PROJ), 1e-4);
  }

  @Test
  void withoutItTheyDo() {
    assertTrue(change(false, LayerWeight.Q_PROJ, LayerWeight.K_PROJ) > 1e-2);
  }

  /** The norm's own weight comes after: it does scale the scores. */
  @Test
  void itsWeightsMatter() {
    assertTrue(change(true, LayerWeight.Q_NORM, LayerWeight.K_NORM) > 1e-2);
  }

  /** How far logits move when these weights of every layer grow: norms by 3, others fourfold. */
  private static double change(boolean qkNorm, LayerWeight... parts) {
    Gemma2Config config = Golden.config("ckpt_f32", json -> json.put("qk_norm", qkNorm));
    ForwardPass<TFloat32> forward =
        new ForwardPass<>(
            new Gemma2Model<>(config, OpChoice.of(new EagerAttention()), TFloat32.class), 2, 24);
    try (Executable executable =
        new GraphPath().load(List.of(forward.trace(FORWARD, ForwardPass.Returns.LOGITS_ONLY)))) {
      ModelWeights.initialize(forward.model(), 5, executable, ElementType.F32);
      // Fresh weights are small: scores must have a size that attention sees.
      for (LayerWeight part : List.of(LayerWeight.Q_PROJ, LayerWeight.K_PROJ)) {
        grow(executable, config, part);
        grow(executable, config, part);
      }
      float[] before = logits(executable);
      for (LayerWeight part : parts) grow(executable, config, part);
      return Differences.largest(logits(executable), before);
    }
  }

  private static void grow(Executable executable, Gemma2Config config, LayerWeight part) {
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      try (HostTensor weight = executable.read(part.in(layer))) {
        float[] values = weight.floats();
        boolean norm = weight.shape().rank() == 1;
        for (int i = 0; i < values.length; i++) {
          values[i] = norm ? values[i] + FACTOR - 1 : values[i] * FACTOR;
        }
        executable.assign(part.in(layer), HostTensor.of(values, weight.shape().toArray()));
      }
    }
  }

  private static float[] logits(Executable executable) {
    try (Results results = executable.run(FORWARD, Golden.batch("A").arguments())) {
      return results.get(ForwardPass.LOGITS).floats();
    }
  }
}
