package io.gemlab.tpu.bundle;

import io.gemlab.graph.base.adapter.LoraFactor;
import io.gemlab.graph.base.checkpoint.FloatConversion;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.tpu.device.DeviceState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** What a program's state begins as: weights by a source, an adapter fresh, all else zeroes. */
final class InitialState {
  /** The standard deviation of random weights, as Hugging Face initialises Gemma 2. */
  private static final double DEVIATION = 0.02;

  /** So many different random values are repeated: drawing billions would take minutes. */
  private static final int DIFFERENT = 1 << 20;

  private InitialState() {}

  /** Gives a weight's elements. */
  private interface Source {
    /**
     * @param tensors the checkpoint's, in order
     * @param float32 to be filled with them all; zeroes so far
     */
    void fill(TensorSpec spec, List<String> tensors, MemorySegment float32);
  }

  /**
   * Weights of a checkpoint.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if it has not exactly the program's weights
   */
  static void load(Bundle bundle, Path folder, DeviceState state) {
    try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
      checkpoint.requireExactly(bundle.checkpointShapes());
      assign(
          bundle,
          state,
          (spec, tensors, float32) -> {
            long bytes = float32.byteSize() / tensors.size();
            for (int i = 0; i < tensors.size(); i++) {
              checkpoint.readFloat32(tensors.get(i), float32.asSlice(i * bytes, bytes));
            }
          });
    }
  }

  /** Weights of the true shapes for a measurement: norms 0, all else at random. */
  static void random(Bundle bundle, DeviceState state) {
    float[] values = new float[DIFFERENT];
    Random random = new Random(1);
    for (int i = 0; i < DIFFERENT; i++) values[i] = (float) (DEVIATION * random.nextGaussian());
    assign(
        bundle,
        state,
        (spec, tensors, float32) -> {
          int stacked = tensors.size() > 1 ? 1 : 0;
          if (spec.shape().rank() - stacked == 1) return; // a norm's
          long elements = spec.shape().elements();
          for (long at = 0; at < elements; at += DIFFERENT) {
            int count = (int) Math.min(DIFFERENT, elements - at);
            MemorySegment.copy(values, 0, float32, ValueLayout.JAVA_FLOAT, at * Float.BYTES, count);
          }
        });
  }

  private static void assign(Bundle bundle, DeviceState state, Source source) {
    for (TensorSpec spec : bundle.state()) {
      try (Arena arena = Arena.ofConfined()) {
        HostTensor value =
            switch (bundle.roles().get(spec.name())) {
              case WEIGHT -> weight(spec, bundle.weights().get(spec.name()), source, arena);
              case LOSS_SCALE -> HostTensor.scalar(StateRole.FIRST_LOSS_SCALE);
              case ADAPTER -> factor(spec, arena);
              case TEACHER, MOMENT, EMA, GRADIENT, STEP, CACHE, TOKEN ->
                  HostTensor.zeros(spec.type(), spec.shape(), arena);
            };
        state.assign(spec.name(), value);
      }
    }
  }

  /**
   * A factor of a fresh adapter, float32, as PEFT begins one: A uniform in 1 / sqrt(in) either way,
   * and B 0, so that the model is at first what it was.
   */
  private static HostTensor factor(TensorSpec spec, Arena arena) {
    HostTensor factor = HostTensor.zeros(spec.type(), spec.shape(), arena);
    if (LoraFactor.named(spec.name()).orElseThrow() == LoraFactor.B) return factor;
    double bound = 1 / Math.sqrt(spec.shape().dimensions().getLast());
    Random random = new Random(spec.name().hashCode());
    for (long i = 0; i < spec.shape().elements(); i++) {
      float value = (float) (bound * (2 * random.nextDouble() - 1));
      factor.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
    }
    return factor;
  }

  private static HostTensor weight(
      TensorSpec spec, List<String> tensors, Source source, Arena arena) {
    HostTensor wide = HostTensor.zeros(ElementType.F32, spec.shape(), arena);
    source.fill(spec, tensors, wide.data());
    if (spec.type() == ElementType.F32) return wide;
    HostTensor narrow = HostTensor.zeros(spec.type(), spec.shape(), arena);
    FloatConversion.fromFloat32(spec.type(), wide.data(), narrow.data());
    return narrow;
  }
}
