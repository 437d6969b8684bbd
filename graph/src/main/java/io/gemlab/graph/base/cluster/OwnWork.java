package io.gemlab.graph.base.cluster;

import java.time.Duration;

/**
 * How a process gets on with what it does by itself, as it is seen now and then. Whoever computes
 * uses processor time; who uses next to none for long hangs, since it reads from where nothing
 * comes, or its threads wait for each other.
 *
 * @param piece of work that it was at when it was seen last; 0 where it was at none
 * @param seen when that was, in ns of any clock
 * @param since when it is known to have got on last, in ns
 * @param used processor time of the whole process until then, in ns
 */
record OwnWork(long piece, long seen, long since, long used) {
  /**
   * Of one core; a process that only says that it is there uses a fifth of it, and one that also
   * serves 32 others less than all.
   */
  private static final double LEAST_SHARE = 0.01;

  static final OwnWork NONE = new OwnWork(0, 0, 0, 0);

  /**
   * What is known when it is seen again.
   *
   * @param at the piece of work, of which each has a number of its own; 0 where it is at none
   * @param now in ns of the same clock
   * @param processor time of the whole process until now, in ns
   * @param patience for how long one may be at a piece and use no processor time; where nobody
   *     looked for half as long, this process slept, which is no hanging
   */
  OwnWork after(long at, long now, long processor, Duration patience) {
    boolean slept = now - seen > patience.toNanos() / 2;
    boolean worked = at != piece || processor - used > LEAST_SHARE * patience.toNanos();
    return slept || worked
        ? new OwnWork(at, now, now, processor)
        : new OwnWork(at, now, since, used);
  }

  /** Whether it hangs, as far as was seen. */
  boolean hangs(Duration patience) {
    return piece != 0 && seen - since >= patience.toNanos();
  }
}
