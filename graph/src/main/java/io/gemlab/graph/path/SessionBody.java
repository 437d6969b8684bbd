package io.gemlab.graph.path;

import io.gemlab.graph.trace.GraphFunction;
import org.tensorflow.proto.GraphDef;

/**
 * How a session path puts a function's body into its graph.
 *
 * <p>The result has the placeholders of all inputs, under their names, and the outputs, under the
 * names that {@link #output} gives.
 */
interface SessionBody {

  /** The function as traced, but for writes that need no copy. */
  SessionBody TRACED =
      new SessionBody() {
        @Override
        public GraphDef graph(GraphFunction function) {
          return InPlaceWrites.of(function);
        }

        @Override
        public String output(GraphFunction function, int position) {
          GraphFunction.Output output = function.outputs().get(position);
          return output.index() == 0 ? output.node() : output.node() + ":" + output.index();
        }
      };

  GraphDef graph(GraphFunction function);

  /** Where to find the output at a position of {@link GraphFunction#outputs}. */
  String output(GraphFunction function, int position);
}
