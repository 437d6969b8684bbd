package io.gemlab.graph.train;

import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TType;

/**
 * A function that gives the state of worker 0 to all workers of a cluster, bit for bit.
 *
 * @param workers how many there are
 * @param sends whether this is worker 0
 */
public record StateBroadcast(int workers, boolean sends) {
  /** Apart from those of {@link BucketedSum}. */
  private static final long FIRST_INSTANCE = 1 << 20;

  /**
   * Traces it; it takes no argument and has no result.
   *
   * @param name the function's
   * @param state of the functions of a step; gradients, which a step begins anew, stay
   */
  public GraphFunction trace(String name, List<GraphFunction.Input> state) {
    Collectives collectives = new Collectives(workers);
    try (Trace trace = new Trace(name)) {
      long instance = FIRST_INSTANCE;
      for (GraphFunction.Input input : state) {
        if (input.role().orElseThrow() == StateRole.GRADIENT) continue;
        Operand<? extends TType> own =
            trace.state(
                input.spec().name(),
                input.role().orElseThrow(),
                Tensors.type(input.spec().type()),
                input.spec().shape());
        trace.update(
            input.spec().name(),
            sends
                ? collectives.send(trace.ops(), own, instance)
                : collectives.receive(trace.ops(), input.spec(), instance));
        instance++;
      }
      return trace.finish();
    }
  }
}
