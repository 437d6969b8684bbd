package io.gemlab.graph.path;

import io.gemlab.graph.tensor.HostTensor;
import io.gemlab.graph.tensor.TensorSpec;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.NodeInput;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.tensorflow.internal.c_api.TFE_TensorHandle;
import org.tensorflow.proto.NodeDef;

/** Functions run node by node; state lives in tensor handles. */
final class EagerExecutable implements Executable {
  private final EagerRuntime runtime = new EagerRuntime();
  private final Signatures signatures = new Signatures();
  private final Map<String, Prepared> prepared = new LinkedHashMap<>();
  private final Map<String, TFE_TensorHandle> state = new HashMap<>();
  private final Map<String, ExecutionReport> reports = new HashMap<>();

  /** A plan with its ops, and its constants as handles. */
  private record Prepared(
      EagerPlan plan, List<EagerRuntime.Op> ops, Map<String, TFE_TensorHandle> constants) {}

  @Override
  public void add(GraphFunction function) {
    signatures.add(function);
    EagerPlan plan = EagerPlan.of(function);
    Map<String, TFE_TensorHandle> constants = new HashMap<>();
    for (NodeDef node : plan.constants()) {
      try (EagerRuntime.Op op = new EagerRuntime.Op(node)) {
        constants.put(node.getName(), runtime.execute(op, List.of()).getFirst());
      }
    }
    List<EagerRuntime.Op> ops =
        plan.steps().stream().map(step -> new EagerRuntime.Op(step.node())).toList();
    prepared.put(function.name(), new Prepared(plan, ops, constants));
  }

  @Override
  public void assign(String name, HostTensor value) {
    Arguments.check(signatures.state(name), value);
    replace(name, runtime.handle(value));
  }

  @Override
  public HostTensor read(String name) {
    TensorSpec spec = signatures.state(name);
    TFE_TensorHandle handle = state.get(name);
    if (handle == null) throw new IllegalStateException(spec + " was read before it was assigned");
    return runtime.host(handle);
  }

  @Override
  public void release(Collection<String> names) {
    names.forEach(signatures::state);
    for (String name : names) {
      TFE_TensorHandle handle = state.remove(name);
      if (handle != null) EagerRuntime.free(handle);
    }
  }

  @Override
  public Results run(String name, Map<String, HostTensor> arguments) {
    long start = System.nanoTime();
    long executionsBefore = runtime.executions();
    Results results = execute(name, arguments, (step, took) -> {});
    if (!reports.containsKey(name)) {
      int executions = Math.toIntExact(runtime.executions() - executionsBefore);
      reports.put(name, report(name, executions, Duration.ofNanos(System.nanoTime() - start)));
    }
    return results;
  }

  @Override
  public Profile profile(String name, Map<String, HostTensor> arguments) {
    List<Profile.Node> nodes = new ArrayList<>();
    long begin = System.nanoTime();
    execute(
            name,
            arguments,
            (step, took) ->
                nodes.add(
                    new Profile.Node(
                        step.node().getName(),
                        step.node().getOp(),
                        Duration.ofNanos(System.nanoTime() - begin).minus(took),
                        took,
                        step.node().getInputList())))
        .close();
    return new Profile(Duration.ofNanos(System.nanoTime() - begin), nodes);
  }

  private Results execute(
      String name,
      Map<String, HostTensor> arguments,
      BiConsumer<EagerPlan.Step, Duration> executed) {
    GraphFunction function = signatures.function(name);
    List<HostTensor> values = Arguments.inOrder(name, function.argumentSpecs(), arguments);
    Prepared ready = prepared.get(name);
    Map<String, List<TFE_TensorHandle>> live = new HashMap<>();
    List<TFE_TensorHandle> fed = new ArrayList<>();
    try {
      ready.constants().forEach((node, handle) -> live.put(node, List.of(handle)));
      for (GraphFunction.Input input : function.state()) {
        TFE_TensorHandle handle = state.get(input.spec().name());
        if (handle == null) {
          throw new IllegalStateException(
              name + " needs " + input.spec() + ", which was not assigned");
        }
        live.put(input.node(), List.of(handle));
      }
      for (int i = 0; i < values.size(); i++) {
        TFE_TensorHandle handle = runtime.handle(values.get(i));
        fed.add(handle);
        live.put(function.arguments().get(i).node(), List.of(handle));
      }
      for (int i = 0; i < ready.ops().size(); i++) {
        EagerPlan.Step step = ready.plan().steps().get(i);
        List<TFE_TensorHandle> inputs = new ArrayList<>(step.inputs().size());
        for (NodeInput value : step.inputs()) {
          inputs.add(live.get(value.node()).get(value.index()));
        }
        long start = System.nanoTime();
        live.put(step.node().getName(), runtime.execute(ready.ops().get(i), inputs));
        executed.accept(step, Duration.ofNanos(System.nanoTime() - start));
        for (String node : step.freed()) live.remove(node).forEach(EagerRuntime::free);
      }
      return finish(function, live);
    } finally {
      for (EagerPlan.Step step : ready.plan().steps()) {
        List<TFE_TensorHandle> left = live.remove(step.node().getName());
        if (left != null) left.forEach(EagerRuntime::free);
      }
      fed.forEach(EagerRuntime::free);
    }
  }

  /** Takes the results out, and makes the updates the next state. */
  private Results finish(GraphFunction function, Map<String, List<TFE_TensorHandle>> live) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    for (GraphFunction.Output result : function.results()) {
      tensors.put(result.spec().name(), runtime.host(live.get(result.node()).get(result.index())));
    }
    for (GraphFunction.Output update : function.updates()) {
      replace(update.spec().name(), runtime.share(live.get(update.node()).get(update.index())));
    }
    return new Results(tensors);
  }

  private void replace(String name, TFE_TensorHandle next) {
    TFE_TensorHandle before = state.put(name, next);
    if (before != null) EagerRuntime.free(before);
  }

  @Override
  public ExecutionReport report(String name) {
    ExecutionReport report = reports.get(name);
    return report != null ? report : report(name, 0, Duration.ZERO);
  }

  private ExecutionReport report(String name, int executed, Duration firstCall) {
    return new ExecutionReport(
        "eager",
        name,
        ExecutedNodes.count(signatures.function(name).graph()),
        executed,
        0,
        firstCall,
        List.of("Every node is one TFE_Execute; nothing is fused or reordered."));
  }

  @Override
  public void close() {
    state.values().forEach(EagerRuntime::free);
    for (Prepared ready : prepared.values()) {
      ready.constants().values().forEach(EagerRuntime::free);
      ready.ops().forEach(EagerRuntime.Op::close);
    }
    runtime.close();
  }
}
