package io.gemlab.experiments.run;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.process.FreeMemory;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.trace.MemoryNeed;
import java.util.List;
import java.util.OptionalLong;

/** Refuses work that memory can't hold, before anything is allocated. */
public final class MemoryGuard {
  /** Paths of devices that have memory of their own. */
  private static final List<String> ELSEWHERE = List.of("pjrt:tpu", "pjrt:cuda");

  private MemoryGuard() {}

  /**
   * Refuses it if it needs more than is free.
   *
   * @param what is about to run, such as {@code the training step of tiny, 4 x 512 tokens}
   * @param need of its largest program
   * @param rows of its batch
   * @throws InvalidInput with what it needs, what there is, and what would fit
   */
  public static void require(String what, MemoryNeed need, int rows) {
    require(what, need, rows, FreeMemory.bytes());
  }

  static void require(String what, MemoryNeed need, int rows, OptionalLong free) {
    if (free.isEmpty() || need.total() <= free.getAsLong()) return;
    throw new InvalidInput(
        "%s needs about %s of memory (%s kept between calls, %s during one) and %s is free: %s, or --force to start it all the same"
            .formatted(
                what,
                Bytes.text(need.total()),
                Bytes.text(need.state()),
                Bytes.text(need.total() - need.state()),
                Bytes.text(free.getAsLong()),
                remedy(need, rows, free.getAsLong())));
  }

  /** Whether a path takes this machine's memory and not a device's. */
  public static boolean concerns(ExecutionPath path) {
    return ELSEWHERE.stream().noneMatch(path.label()::startsWith);
  }

  private static String remedy(MemoryNeed need, int rows, long free) {
    if (need.state() > free) return "take a smaller model";
    long row = Math.max(1, (need.total() - need.state()) / rows);
    long fit = (free - need.state()) / row;
    return fit >= 1 ? "give a batch of " + fit + " or less" : "give fewer tokens";
  }
}
