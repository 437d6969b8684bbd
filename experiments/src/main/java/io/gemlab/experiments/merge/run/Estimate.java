package io.gemlab.experiments.merge.run;

import io.gemlab.experiments.merge.plan.MergePlan;
import io.gemlab.experiments.merge.plan.PlannedTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Comparator;

/** How long a merge will compute, from one of its tensors merged now and written nowhere. */
public final class Estimate {
  private static final long SAMPLE = 1 << 24;
  private static final int AT_ONCE = 1 << 20;

  private Estimate() {}

  /** The time of reading, from memory, and merging; writing comes on top. */
  public static Duration of(MergePlan plan, MergeOptions options) {
    PlannedTensor sample =
        plan.tensors().stream()
            .min(Comparator.comparingLong(tensor -> Math.abs(SAMPLE - tensor.shape().elements())))
            .orElseThrow();
    merge(sample, plan, options); // compiles, and brings the inputs into memory
    long nanos = merge(sample, plan, options);
    double share = (double) plan.results() * sample.shape().elements() / plan.parameters();
    return Duration.ofNanos((long) (nanos / share));
  }

  private static long merge(PlannedTensor tensor, MergePlan plan, MergeOptions options) {
    long begin = System.nanoTime();
    MergedModels models =
        new MergedModels(plan, each -> options.arithmetic(plan.recipe(), each), _ -> {});
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate((long) AT_ONCE * Float.BYTES);
      for (MergedModel model : models.all()) {
        MergedTensor merged = model.tensors().get(tensor.name());
        for (long left = tensor.shape().elements(); left > 0; left -= AT_ONCE) {
          merged.next(target.asSlice(0, Math.min(AT_ONCE, left) * Float.BYTES));
        }
      }
    }
    return System.nanoTime() - begin;
  }
}
