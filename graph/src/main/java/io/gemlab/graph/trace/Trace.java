package io.gemlab.graph.trace;

import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.runtime.NativeRuntime;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.ops.gradient.CustomGradient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/**
 * A function being traced. Ask for its inputs, build with {@link #ops}, name its outputs, and
 * {@link #finish}.
 *
 * <p>Closing it frees the native graph; the finished function does not need it.
 */
public final class Trace implements AutoCloseable {
  /** The op type of a loop's node. */
  public static final String LOOP_OP = "StatelessWhile";

  private final String name;
  private final Graph graph;
  private final Ops ops;
  private final Map<String, GraphFunction.Input> state = new LinkedHashMap<>();
  private final Map<String, Operand<?>> stateOperands = new LinkedHashMap<>();
  private final List<GraphFunction.Input> arguments = new ArrayList<>();
  private final List<GraphFunction.Output> results = new ArrayList<>();
  private final List<GraphFunction.Output> updates = new ArrayList<>();
  private final List<GraphFunction.Loop> loops = new ArrayList<>();
  private boolean differentiated;

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

  /**
   * A state input; the same operand each time the same name is asked for.
   *
   * @param role what it is kept for
   */
  public <T extends TType> Operand<T> state(
      String stateName, StateRole role, Class<T> type, TensorShape shape) {
    if (!state.containsKey(stateName)) {
      Operand<T> operand = placeholder("state." + stateName, type, shape);
      state.put(stateName, input(stateName, operand, Optional.of(role)));
      stateOperands.put(stateName, operand);
    }
    return stateOperands.get(stateName).asOutput().expect(type);
  }

  /** An argument. */
  public <T extends TType> Operand<T> argument(String argument, Class<T> type, TensorShape shape) {
    Operand<T> operand = placeholder("argument." + argument, type, shape);
    arguments.add(input(argument, operand, Optional.empty()));
    return operand;
  }

  /**
   * Says that gradients are taken in this function. They come back through the ops that computed
   * the values, so there are no places for kernels but for those that may stand in training.
   */
  public void takesGradients() {
    differentiated = true;
  }

  /** Whether gradients are taken in this function. */
  public boolean isDifferentiated() {
    return differentiated;
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

  /** What a loop does in an iteration. */
  @FunctionalInterface
  public interface Iteration {
    /**
     * @param inside where to build; nothing of the trace around the loop can be used there
     * @param number the iteration's, from 0
     * @param carried what the iteration before gave
     * @param held the same in every iteration
     * @return the next values of what is carried, of the same types and shapes
     */
    List<Operand<?>> build(
        Trace inside, Operand<TInt32> number, List<Operand<?>> carried, List<Operand<?>> held);
  }

  /**
   * A loop. It is traced once, however many iterations it runs. No gradient passes it.
   *
   * @param loop what it is called; no two loops of a trace may share a name
   * @param carried values before the first iteration
   * @param held what every iteration reads
   * @return what the last iteration gives
   */
  public List<Operand<?>> loop(
      String loop,
      int tripCount,
      List<Operand<?>> carried,
      List<Operand<?>> held,
      Iteration iteration) {
    String called = name + "." + loop;
    if (loops.stream().anyMatch(other -> other.body().name().equals(called))) {
      throw new IllegalArgumentException("two loops are called " + called);
    }
    List<Operand<?>> values = new ArrayList<>();
    values.add(ops.constant(0));
    values.addAll(carried);
    values.addAll(held);
    GraphFunction body = LoopFunctions.body(called, values, carried.size(), iteration);
    GraphFunction condition = LoopFunctions.condition(called + ".condition", values, tripCount);
    Operation node =
        ops.scope()
            .opBuilder(LOOP_OP, loop)
            .addInputList(values.stream().map(Operand::asOutput).toArray(Output<?>[]::new))
            .setAttr("cond", LoopFunctions.attribute(condition))
            .setAttr("body", LoopFunctions.attribute(body))
            .setAttr("output_shapes", values.stream().map(Operand::shape).toArray(Shape[]::new))
            .setAttr("parallel_iterations", 1)
            .build();
    loops.add(new GraphFunction.Loop(node.name(), tripCount, condition, body));
    List<Operand<?>> results = new ArrayList<>();
    for (int i = 1; i <= carried.size(); i++) results.add(node.output(i));
    return results;
  }

  /**
   * The finished function, reduced to what its outputs need.
   *
   * @throws IllegalStateException if it calls functions that are not of {@link #loop}'s making
   */
  public GraphFunction finish() {
    GraphDef traced = graph.toGraphDef();
    if (traced.getLibrary().getFunctionCount() > 0) {
      throw new IllegalStateException(
          name + " calls functions that no path would find; trace a loop with Trace.loop");
    }
    GraphRewrite rewrite =
        new GraphRewrite(
            traced,
            Stream.concat(results.stream(), updates.stream())
                .map(GraphFunction.Output::node)
                .toList(),
            Stream.concat(state.values().stream(), arguments.stream())
                .map(GraphFunction.Input::node)
                .toList());
    GraphDef body = rewrite.graph();
    Set<String> nodes =
        body.getNodeList().stream().map(NodeDef::getName).collect(Collectors.toSet());
    return new GraphFunction(
        name,
        body,
        List.copyOf(state.values()),
        arguments,
        results,
        updates,
        loops.stream().filter(loop -> nodes.contains(loop.node())).toList(),
        rewrite.kernelPlaces().stream()
            .filter(place -> !differentiated || place.kernel().isInTraining())
            .toList());
  }

  @Override
  public void close() {
    graph.close();
  }

  private <T extends TType> Operand<T> placeholder(String node, Class<T> type, TensorShape shape) {
    return ops.withName(node.replace('/', '.'))
        .placeholder(type, Placeholder.shape(Tensors.shape(shape)));
  }

  private static GraphFunction.Input input(
      String name, Operand<? extends TType> operand, Optional<StateRole> role) {
    return new GraphFunction.Input(spec(name, operand), operand.asOutput().op().name(), role);
  }

  private GraphFunction.Output output(String name, Operand<? extends TType> operand) {
    Output<? extends TType> output = operand.asOutput();
    if (CustomGradient.isMarker(output.op().type(), output.op().name())) {
      output = ops.identity(operand).asOutput(); // markers are taken out of the finished graph
    }
    return new GraphFunction.Output(spec(name, operand), output.op().name(), output.index());
  }

  private static TensorSpec spec(String name, Operand<? extends TType> operand) {
    return new TensorSpec(
        name, Tensors.elementType(operand.type()), Tensors.shape(operand.shape()));
  }
}
