package io.gemlab.graph.path;

import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.choice.Support;
import java.util.Optional;

/**
 * How many of a function's values row kernels compute.
 *
 * @param places values that a kernel could compute
 * @param used how many one does
 * @param refusal why none does, and what to do about it; empty where one does, or none could
 */
public record KernelUse(int places, int used, Optional<Support.Unsupported> refusal) {

  /** What a path says whose nodes are all compiled. */
  public static final Support ALL_COMPILED =
      Support.no("XLA compiles all nodes", "choose the graph or the clustered path");

  /** A function's, on a path that has kernels or says why not. */
  public static KernelUse of(GraphFunction function, Support kernels) {
    int places = function.kernelPlaces().size();
    return places > 0 && kernels instanceof Support.Unsupported refusal
        ? new KernelUse(places, 0, Optional.of(refusal))
        : new KernelUse(places, places, Optional.empty());
  }

  /** For a table: {@code 183 of 183}; a dash where none could be used. */
  public String counted() {
    return places == 0 ? "-" : "%d of %d".formatted(used, places);
  }

  /** As a clause for people: {@code 183 of 183 places}, or that there is none, and why. */
  public String described() {
    if (places == 0) {
      return "none could be used: they compute few rows, in bfloat16 or with quantized weights";
    }
    return refusal
        .map(why -> "none of %d places: %s; %s".formatted(places, why.reason(), why.remedy()))
        .orElseGet(() -> counted() + " places");
  }
}
