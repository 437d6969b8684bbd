package io.gemlab.graph.path.session;

import io.gemlab.graph.trace.GraphFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Graph;
import org.tensorflow.Signature;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;

/** Traced functions in TensorFlow's own form, which nodes call by name. */
final class FunctionLibrary {
  private FunctionLibrary() {}

  /**
   * A function's definition.
   *
   * @param rewrite what is done to its body before
   */
  static FunctionDef definition(GraphFunction function, UnaryOperator<GraphDef> rewrite) {
    try (Graph graph = new Graph()) {
      GraphDef.Builder body = rewrite.apply(function.graph()).toBuilder();
      body.getLibraryBuilder().addAllFunction(loops(function, rewrite));
      graph.importGraphDef(body.build());
      Signature.Builder signature = Signature.builder(function.name());
      List<GraphFunction.Input> inputs = function.inputs();
      for (int i = 0; i < inputs.size(); i++) {
        signature.input("input" + i, graph.outputOrThrow(inputs.get(i).node() + ":0"));
      }
      List<GraphFunction.Output> outputs = function.outputs();
      for (int i = 0; i < outputs.size(); i++) {
        GraphFunction.Output output = outputs.get(i);
        signature.output("output" + i, graph.outputOrThrow(output.node() + ":" + output.index()));
      }
      try (ConcreteFunction concrete = ConcreteFunction.create(signature.build(), graph)) {
        FunctionDef.Builder definition = concrete.getFunctionDef().toBuilder();
        definition.getSignatureBuilder().setName(function.name());
        return definition.build();
      }
    }
  }

  /** The definitions of all that a function's loops run, loops in loops included. */
  static List<FunctionDef> loops(GraphFunction function, UnaryOperator<GraphDef> rewrite) {
    List<FunctionDef> definitions = new ArrayList<>();
    for (GraphFunction.Loop loop : function.loops()) {
      definitions.add(definition(loop.condition(), rewrite));
      definitions.add(definition(loop.body(), rewrite));
      definitions.addAll(loops(loop.body(), rewrite));
    }
    return definitions;
  }
}
