package io.gemlab.graph.path.kernel;

import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.trace.GraphFunction;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;

/**
 * Whether a session packs matrices for products: the one place that decides it.
 *
 * <p>Integers are always packed, since their products have no other kernel. Matrices of floats are
 * in a session that only infers, unless another kernel is pinned for products: where weights are
 * written, as in training, each step would have to pack them anew, or they would be kept twice.
 *
 * @param floats whether matrices of floats are packed too
 */
public record Packing(boolean floats) {
  /** Of integers alone. */
  public static final Packing INTEGERS = new Packing(false);

  /** State that inference writes. */
  private static final Set<StateRole> WRITTEN = EnumSet.of(StateRole.CACHE, StateRole.TOKEN);

  /** That of a session with these functions, where nothing is pinned. */
  public static Packing of(Collection<GraphFunction> functions) {
    return new Packing(functions.stream().allMatch(Packing::infers));
  }

  /** That of the session when a function is added. */
  public Packing and(GraphFunction function) {
    return new Packing(floats && infers(function));
  }

  private static boolean infers(GraphFunction function) {
    Set<String> written = new HashSet<>();
    function.updates().forEach(update -> written.add(update.spec().name()));
    return function.state().stream()
        .filter(input -> written.contains(input.spec().name()))
        .allMatch(input -> WRITTEN.contains(input.role().orElseThrow()));
  }
}
