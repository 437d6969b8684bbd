package io.gemlab.graph.path.session;

import io.gemlab.graph.path.kernel.Kernels;
import io.gemlab.graph.trace.GraphFunction;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.RunOptions;

/**
 * How a function in a session's graph is called, looked up once. A decoding step takes a few
 * milliseconds; looking up a hundred names would be a part of it.
 *
 * @param threads which run its nodes
 * @param feeds its arguments, in the signature's order
 * @param fetches its results
 * @param targets the assignments of its updates, and the kernels that write state themselves
 */
record SessionCall(
    GraphFunction function,
    RunOptions threads,
    List<Output<?>> feeds,
    List<Output<?>> fetches,
    List<GraphOperation> targets) {

  /**
   * Finds a function's nodes.
   *
   * @param graph has the function's body under its name, and in it an {@code assign/STATE} for each
   *     update that no kernel writes
   */
  static SessionCall of(GraphFunction function, SessionBody body, Graph graph) {
    String scope = function.name() + "/";
    Set<String> writers = writers(function);
    return new SessionCall(
        function,
        NodeThreads.of(function),
        function.arguments().stream()
            .<Output<?>>map(argument -> graph.output(scope + argument.node()))
            .toList(),
        IntStream.range(0, function.results().size())
            .<Output<?>>mapToObj(i -> graph.output(scope + body.output(function, i)))
            .toList(),
        function.updates().stream()
            .map(
                update ->
                    writers.contains(update.node())
                        ? update.node()
                        : "assign/" + update.spec().name())
            .distinct()
            .map(node -> graph.operation(scope + node))
            .toList());
  }

  /** The nodes of a function that write state themselves. */
  static Set<String> writers(GraphFunction function) {
    return function.graph().getNodeList().stream()
        .filter(node -> Kernels.writesState(node.getOp()))
        .map(NodeDef::getName)
        .collect(Collectors.toSet());
  }

  /**
   * A run that is ready to go.
   *
   * @param fed the arguments, in the signature's order
   */
  Session.Runner runner(Session session, List<Tensor> fed) {
    Session.Runner runner = session.runner();
    for (int i = 0; i < feeds.size(); i++) runner.feed(feeds.get(i), fed.get(i));
    fetches.forEach(runner::fetch);
    targets.forEach(runner::addTarget);
    return runner;
  }
}
