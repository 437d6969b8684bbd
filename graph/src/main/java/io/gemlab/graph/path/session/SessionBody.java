package io.gemlab.graph.path.session;

import io.gemlab.graph.path.kernel.Kernels;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Kernel;
import io.gemlab.ops.choice.Support;
import java.util.List;
import java.util.function.UnaryOperator;
import org.tensorflow.proto.GraphDef;

/**
 * How a session path puts a function's body into its graph.
 *
 * <p>The result has the placeholders of all inputs, under their names, and the outputs, under the
 * names that {@link #output} gives.
 */
interface SessionBody {
  /** Makes a loop part of the graph around it, so that its nodes are optimized and clustered. */
  String UNFOLD = "_lower_using_switch_merge";

  /** The function as traced, but for writes that need no copy, and with its loops unfolded. */
  SessionBody TRACED =
      new SessionBody() {
        @Override
        public GraphDef graph(GraphFunction function) {
          GraphDef.Builder graph = InPlaceWrites.of(function).toBuilder();
          graph
              .getLibraryBuilder()
              .addAllFunction(FunctionLibrary.loops(function, UnaryOperator.identity()));
          graph.getNodeBuilderList().stream()
              .filter(node -> node.getOp().equals(Trace.LOOP_OP))
              .forEach(node -> node.putAttr(UNFOLD, Nodes.flag(true)));
          return graph.build();
        }

        @Override
        public String output(GraphFunction function, int position) {
          GraphFunction.Output output = function.outputs().get(position);
          return output.index() == 0 ? output.node() : output.node() + ":" + output.index();
        }
      };

  GraphDef graph(GraphFunction function);

  /**
   * What a reader of a report should know about a call, a sentence each.
   *
   * @param clusters programs that XLA compiled for it
   */
  default List<String> notes(GraphFunction function, int clusters) {
    return List.of();
  }

  /** Whether nodes run as TensorFlow's kernels, and so may as this kernel. */
  default Support kernel(Kernel kernel) {
    return Kernels.support(kernel);
  }

  /** Whether products run as kernels of their own, among which there is a choice. */
  default boolean choosesProducts() {
    return true;
  }

  /** Where to find the output at a position of {@link GraphFunction#outputs}. */
  String output(GraphFunction function, int position);
}
