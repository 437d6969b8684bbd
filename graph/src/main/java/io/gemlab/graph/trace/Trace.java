package io.gemlab.graph.trace;

import io.gemlab.graph.runtime.NativeRuntime;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.tensor.TensorShape;
import io.gemlab.graph.tensor.TensorSpec;
import io.gemlab.ops.gradient.OwnGradient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.types.family.TType;

/**
 * A function being traced. Ask for its inputs, build with {@link #ops}, name its outputs, and
 * {@link #finish}.
 *
 * <p>Closing it frees the native graph; the finished function does not need it.
 */
public final class Trace implements AutoCloseable {
  private final String name;
  private final Graph graph;
  private final Ops ops;
  private final Map<String, GraphFunction.Input> state = new LinkedHashMap<>();
  private final Map<String, Operand<?>> stateOperands = new LinkedHashMap<>();
  private final List<GraphFunction.Input> arguments = new ArrayList<>();
  private final List<GraphFunction.Output> results = new ArrayList<>();
  private final List<GraphFunction.Output> updates = new ArrayList<>();

  /**
   * Begins a trace.
   *
   * @param name what the function is called
   */
  public Trace(String name) {
    NativeRuntime.ensure();
    this.name = name;
    this.graph = new Graph();
    this.ops = Ops.create(graph);
  }

  /** Where to build. */
  public Ops ops() {
    return ops;
  }

  /** A state input; the same operand each time the same name is asked for. */
  public <T extends TType> Operand<T> state(String stateName, Class<T> type, TensorShape shape) {
    if (!state.containsKey(stateName)) {
      Operand<T> operand = placeholder("state." + stateName, type, shape);
      state.put(stateName, input(stateName, operand));
      stateOperands.put(stateName, operand);
    }
    return stateOperands.get(stateName).asOutput().expect(type);
  }

  /** An argument. */
  public <T extends TType> Operand<T> argument(String argument, Class<T> type, TensorShape shape) {
    Operand<T> operand = placeholder("argument." + argument, type, shape);
    arguments.add(input(argument, operand));
    return operand;
  }

  /** Names a result. */
  public void result(String result, Operand<? extends TType> operand) {
    results.add(output(result, operand));
  }

  /**
   * Names the next value of a state input.
   *
   * @throws IllegalArgumentException if there is no such state, or its type or shape differs
   */
  public void update(String stateName, Operand<? extends TType> operand) {
    GraphFunction.Output update = output(stateName, operand);
    GraphFunction.Input current = state.get(stateName);
    if (current == null || !current.spec().equals(update.spec())) {
      throw new IllegalArgumentException(
          update.spec()
              + " can't become the next value of "
              + (current == null ? "a state that was never read" : current.spec().toString()));
    }
    updates.add(update);
  }

  /** The finished function, reduced to what its outputs need. */
  public GraphFunction finish() {
    GraphDef body =
        GraphRewrite.finish(
            graph.toGraphDef(),
            java.util.stream.Stream.concat(results.stream(), updates.stream())
                .map(GraphFunction.Output::node)
                .toList(),
            java.util.stream.Stream.concat(state.values().stream(), arguments.stream())
                .map(GraphFunction.Input::node)
                .toList());
    return new GraphFunction(name, body, List.copyOf(state.values()), arguments, results, updates);
  }

  @Override
  public void close() {
    graph.close();
  }

  private <T extends TType> Operand<T> placeholder(String node, Class<T> type, TensorShape shape) {
    return ops.withName(node.replace('/', '.'))
        .placeholder(type, Placeholder.shape(Tensors.shape(shape)));
  }

  private static GraphFunction.Input input(String name, Operand<? extends TType> operand) {
    return new GraphFunction.Input(spec(name, operand), operand.asOutput().op().name());
  }

  private GraphFunction.Output output(String name, Operand<? extends TType> operand) {
    Output<? extends TType> output = operand.asOutput();
    if (OwnGradient.isMarker(output.op().type(), output.op().name())) {
      output = ops.identity(operand).asOutput(); // markers are taken out of the finished graph
    }
    return new GraphFunction.Output(spec(name, operand), output.op().name(), output.index());
  }

  private static TensorSpec spec(String name, Operand<? extends TType> operand) {
    return new TensorSpec(
        name, Tensors.elementType(operand.type()), Tensors.shape(operand.shape()));
  }
}
