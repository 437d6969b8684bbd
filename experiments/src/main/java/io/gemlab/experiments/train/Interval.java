package io.gemlab.experiments.train;

/**
 * When something is done during a run: after every so many steps, and after the last.
 *
 * @param every steps from one time to the next
 * @param last the run's last step
 */
public record Interval(int every, int last) {
  /** Whether it is time when so many steps are done; before the first step it is. */
  public boolean includes(int steps) {
    return steps % every == 0 || steps == last;
  }
}
