package io.gemlab.graph.path;

import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.choice.Support;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * How many of a function's values kernels compute.
 *
 * @param places values that a kernel could compute
 * @param used how many one does
 * @param refusal why none computes the others, and what to do about it; empty where there are none
 */
public record KernelUse(int places, int used, Optional<Support.Unsupported> refusal) {

  /** What a path says whose nodes are all compiled. */
  public static final Support.Unsupported ALL_COMPILED =
      new Support.Unsupported("XLA compiles all nodes", "choose the graph or the clustered path");

  /** A function's, on a path that has none and says why. */
  public static KernelUse none(GraphFunction function, Support.Unsupported why) {
    return of(0, Collections.nCopies(function.kernelPlaces().size(), why));
  }

  /**
   * That of places with kernels and without.
   *
   * @param refusals why each of the others has none
   */
  public static KernelUse of(int used, List<Support.Unsupported> refusals) {
    return new KernelUse(used + refusals.size(), used, refusals.stream().findFirst());
  }

  /** For a table: {@code 183 of 183}; a dash where none could be used. */
  public String counted() {
    return places == 0 ? "-" : "%d of %d".formatted(used, places);
  }

  /** As a clause for people: {@code 183 of 183 places}, or that there is none, and why. */
  public String described() {
    if (places == 0) {
      return "none could be used: they compute products of few rows or by weights that nothing trains,"
          + " attention, norms, rotary embeddings and losses";
    }
    String used = this.used == 0 ? "none of %d places".formatted(places) : counted() + " places";
    return refusal
        .map(why -> "%s: %s; %s".formatted(used, why.reason(), why.remedy()))
        .orElse(used);
  }
}
