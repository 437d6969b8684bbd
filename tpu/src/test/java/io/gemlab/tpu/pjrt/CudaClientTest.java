package io.gemlab.tpu.pjrt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.tpu.pjrt.plugin.PluginFinder;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs on a GPU that is attached. */
@Tag("gpu")
final class CudaClientTest {
  private final PjrtClient client =
      PjrtPlugin.open(
              new PluginFinder(System.getenv()).find(PluginKind.CUDA, Optional.empty()).require())
          .client(List.of(new NamedValue.Flag("preallocate", false)));
  private final PjrtDevice device = client.devices().getFirst();

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void layerIsWhatJavaComputes() throws IOException {
    float[] x = ramp(8 * 16);
    float[] w = ramp(16 * 4);
    float[] expected = new float[8 * 4];
    for (int i = 0; i < 8; i++) {
      for (int j = 0; j < 4; j++) {
        double sum = 0;
        for (int k = 0; k < 16; k++) sum += (double) x[i * 16 + k] * w[k * 4 + j];
        expected[i * 4 + j] = (float) Math.tanh(sum);
      }
    }
    byte[] layer = Resources.bytes("layer.hlo.pb");
    try (PjrtLoadedExecutable program = client.compile(layer, CompileOptions.partitioned(1));
        PjrtBuffer left = client.toDevice(HostTensor.of(x, 8, 16), device);
        PjrtBuffer right = client.toDevice(HostTensor.of(w, 16, 4), device);
        PjrtExecution run = program.execute(List.of(List.of(left, right)), Set.of());
        PjrtBuffer output = run.outputs().getFirst().getFirst()) {
      assertArrayEquals(expected, output.toHost().floats(), 2e-3f, "TF32 products");
      run.await();
      assertTrue(run.complete().getFirst().isReady());
    }
  }

  @Test
  void stateIsDonatedFromStepToStep() throws IOException {
    byte[] step = Resources.bytes("donated.hlo.pb");
    try (PjrtLoadedExecutable program = client.compile(step, CompileOptions.partitioned(1));
        PjrtBuffer one = client.toDevice(HostTensor.of(constant(1), 1024), device)) {
      PjrtBuffer state = client.toDevice(HostTensor.of(constant(0), 1024), device);
      for (int i = 0; i < 3; i++) {
        try (PjrtExecution run = program.execute(List.of(List.of(state, one)), Set.of());
            PjrtBuffer sum = run.outputs().getFirst().getLast()) {
          assertEquals(1024f * i, sum.toHost().item());
          assertTrue(state.isDonated());
          state.close();
          state = run.outputs().getFirst().getFirst();
        }
      }
      assertArrayEquals(constant(3), state.toHost().floats());
      state.close();
    }
  }

  private static float[] ramp(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) values[i] = (i % 13 - 6) / 16f;
    return values;
  }

  private static float[] constant(float value) {
    float[] values = new float[1024];
    Arrays.fill(values, value);
    return values;
  }
}
