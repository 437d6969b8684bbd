package io.gemlab.experiments.trainer;

import io.gemlab.experiments.train.Interval;
import io.gemlab.experiments.train.StepResult;
import io.gemlab.experiments.train.TrainingHook;
import io.gemlab.graph.base.cluster.Cluster;
import io.gemlab.graph.base.keyvalue.KeyValueStore;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.path.Executable;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.zip.CRC32C;

/**
 * Checks now and then that all workers of a cluster have the same state, bit for bit: each updates
 * its own by the same gradients, and would go its own way without a word after a flipped bit.
 *
 * @param store where worker 0 puts the check sum of its state
 * @param states what is compared
 * @param interval when
 */
record SameState(
    Cluster cluster,
    KeyValueStore store,
    Executable executable,
    List<TensorSpec> states,
    Interval interval)
    implements TrainingHook {
  /** Of worker 0, which does nothing between its step and this. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final long CHUNK = 1 << 30;

  @Override
  public void onStep(StepResult result) {
    if (!interval.includes(result.step())) return;
    String key = "state/" + result.step();
    String own = "%08x".formatted(checkSum());
    try {
      if (cluster.isChief()) {
        store.put(key, own.getBytes(StandardCharsets.UTF_8));
        return;
      }
      String first = new String(store.get(key, PATIENCE), StandardCharsets.UTF_8);
      if (first.equals(own)) return;
      throw new IllegalStateException(
          "after step %d the state of worker %d has check sum %s and that of worker 0 %s, and they should be the same: look for faulty memory"
              .formatted(result.step(), cluster.task(), own, first));
    } catch (TimeoutException e) {
      throw new IllegalStateException("worker 0 told no check sum of step " + result.step(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private long checkSum() {
    CRC32C sum = new CRC32C();
    for (TensorSpec state : states) {
      try (HostTensor value = executable.read(state.name())) {
        MemorySegment data = value.data();
        for (long at = 0; at < data.byteSize(); at += CHUNK) {
          sum.update(data.asSlice(at, Math.min(CHUNK, data.byteSize() - at)).asByteBuffer());
        }
      }
    }
    return sum.getValue();
  }
}
