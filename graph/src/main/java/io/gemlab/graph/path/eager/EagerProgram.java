package io.gemlab.graph.path.eager;

import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.NodeInput;
import io.gemlab.graph.trace.Trace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.tensorflow.internal.c_api.TFE_TensorHandle;
import org.tensorflow.proto.NodeDef;

/** A function ready to be run node by node: its plan, its ops, its constants as handles. */
final class EagerProgram implements AutoCloseable {
  private final EagerRuntime runtime;
  private final GraphFunction function;
  private final EagerPlan plan;
  private final Map<String, TFE_TensorHandle> constants = new HashMap<>();
  private final Map<String, EagerRuntime.Op> ops = new HashMap<>();
  private final Map<String, LoopProgram> loops = new HashMap<>();

  private record LoopProgram(int tripCount, EagerProgram body) {}

  EagerProgram(EagerRuntime runtime, GraphFunction function) {
    this.runtime = runtime;
    this.function = function;
    this.plan = EagerPlan.of(function);
    for (NodeDef node : plan.constants()) {
      try (EagerRuntime.Op op = new EagerRuntime.Op(node)) {
        constants.put(node.getName(), runtime.execute(op, List.of()).getFirst());
      }
    }
    for (EagerPlan.Step step : plan.steps()) {
      NodeDef node = step.node();
      if (!node.getOp().equals(Trace.LOOP_OP)) ops.put(node.getName(), new EagerRuntime.Op(node));
    }
    for (GraphFunction.Loop loop : function.loops()) {
      loops.put(
          loop.node(), new LoopProgram(loop.tripCount(), new EagerProgram(runtime, loop.body())));
    }
  }

  /**
   * Runs it.
   *
   * @param inputs values of {@link GraphFunction#inputs}, which stay the caller's
   * @param executed told of each node, and how long it took
   * @return values of {@link GraphFunction#outputs}; the caller frees them
   */
  List<TFE_TensorHandle> run(
      List<TFE_TensorHandle> inputs, BiConsumer<EagerPlan.Step, Duration> executed) {
    Map<String, List<TFE_TensorHandle>> live = new HashMap<>();
    constants.forEach((node, handle) -> live.put(node, List.of(handle)));
    for (int i = 0; i < inputs.size(); i++) {
      live.put(function.inputs().get(i).node(), List.of(inputs.get(i)));
    }
    try {
      for (EagerPlan.Step step : plan.steps()) {
        List<TFE_TensorHandle> values = new ArrayList<>(step.inputs().size());
        for (NodeInput value : step.inputs()) {
          values.add(live.get(value.node()).get(value.index()));
        }
        live.put(step.node().getName(), execute(step, values, executed));
        for (String node : step.freed()) live.remove(node).forEach(EagerRuntime::free);
      }
      return function.outputs().stream()
          .map(output -> runtime.share(live.get(output.node()).get(output.index())))
          .toList();
    } finally {
      for (EagerPlan.Step step : plan.steps()) {
        List<TFE_TensorHandle> left = live.remove(step.node().getName());
        if (left != null) left.forEach(EagerRuntime::free);
      }
    }
  }

  private List<TFE_TensorHandle> execute(
      EagerPlan.Step step,
      List<TFE_TensorHandle> values,
      BiConsumer<EagerPlan.Step, Duration> executed) {
    LoopProgram loop = loops.get(step.node().getName());
    if (loop != null) return iterate(loop, values, executed);
    long start = System.nanoTime();
    List<TFE_TensorHandle> outputs = runtime.execute(ops.get(step.node().getName()), values);
    executed.accept(step, Duration.ofNanos(System.nanoTime() - start));
    return outputs;
  }

  private List<TFE_TensorHandle> iterate(
      LoopProgram loop,
      List<TFE_TensorHandle> start,
      BiConsumer<EagerPlan.Step, Duration> executed) {
    List<TFE_TensorHandle> values = start.stream().map(runtime::share).toList();
    for (int iteration = 0; iteration < loop.tripCount(); iteration++) {
      List<TFE_TensorHandle> before = values;
      try {
        values = loop.body().run(before, executed);
      } finally {
        before.forEach(EagerRuntime::free);
      }
    }
    return values;
  }

  /** How its loops ran, a sentence each. */
  List<String> notes() {
    return function.loops().stream()
        .map(
            loop ->
                "The loop %s ran unrolled, node by node: %d iterations."
                    .formatted(loop.node(), loop.tripCount()))
        .toList();
  }

  @Override
  public void close() {
    constants.values().forEach(EagerRuntime::free);
    ops.values().forEach(EagerRuntime.Op::close);
    loops.values().forEach(loop -> loop.body().close());
  }
}
