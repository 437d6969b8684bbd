package io.gemlab.graph.path;

import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.RowKernel;
import io.gemlab.ops.choice.Support;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * How many of a function's values row kernels compute.
 *
 * @param places values that a kernel could compute
 * @param used how many one does
 * @param refusal why none computes the others, and what to do about it; empty where there are none
 */
public record KernelUse(int places, int used, Optional<Support.Unsupported> refusal) {

  /** What a path says whose nodes are all compiled. */
  public static final Support ALL_COMPILED =
      Support.no("XLA compiles all nodes", "choose the graph or the clustered path");

  /** A function's, on a path that has none and says why. */
  public static KernelUse of(GraphFunction function, Support none) {
    return of(function, kernel -> none);
  }

  /**
   * A function's.
   *
   * @param kernels whether the path has one
   */
  public static KernelUse of(GraphFunction function, Function<RowKernel, Support> kernels) {
    List<Support.Unsupported> refusals = new ArrayList<>();
    for (GraphFunction.KernelPlace place : function.kernelPlaces()) {
      if (kernels.apply(place.kernel()) instanceof Support.Unsupported refusal) {
        refusals.add(refusal);
      }
    }
    int places = function.kernelPlaces().size();
    return new KernelUse(places, places - refusals.size(), refusals.stream().findFirst());
  }

  /** For a table: {@code 183 of 183}; a dash where none could be used. */
  public String counted() {
    return places == 0 ? "-" : "%d of %d".formatted(used, places);
  }

  /** As a clause for people: {@code 183 of 183 places}, or that there is none, and why. */
  public String described() {
    if (places == 0) {
      return "none could be used: they compute few rows, in bfloat16 or with quantized weights,"
          + " and attention over 256 keys and more";
    }
    String used = this.used == 0 ? "none of %d places".formatted(places) : counted() + " places";
    return refusal
        .map(why -> "%s: %s; %s".formatted(used, why.reason(), why.remedy()))
        .orElse(used);
  }
}
