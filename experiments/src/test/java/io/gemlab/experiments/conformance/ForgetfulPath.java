package io.gemlab.experiments.conformance;

import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.choice.Support;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/** The graph path with a mistake: the attention's softcap is gone, and nobody is told. */
final class ForgetfulPath implements ExecutionPath {
  private final ExecutionPath path = new GraphPath();

  @Override
  public String label() {
    return "forgetful";
  }

  @Override
  public Support supports(GraphFunction function) {
    return path.supports(function);
  }

  @Override
  public Executable load(List<GraphFunction> functions) {
    Executable loaded = path.load(functions);
    return (Executable)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Executable.class},
            (_, method, arguments) -> {
              if (method.getName().equals("add"))
                arguments[0] = forget((GraphFunction) arguments[0]);
              try {
                return method.invoke(loaded, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Without its tanh, {@code cap * tanh(x / cap)} is x. */
  private static GraphFunction forget(GraphFunction function) {
    GraphDef.Builder graph = function.graph().toBuilder();
    for (NodeDef.Builder node : graph.getNodeBuilderList()) {
      if (node.getOp().equals("Tanh") && node.getName().contains("self_attn")) {
        node.setOp("Identity");
      }
    }
    return new GraphFunction(
        function.name(),
        graph.build(),
        function.state(),
        function.arguments(),
        function.results(),
        function.updates(),
        function.loops(),
        List.of());
  }
}
