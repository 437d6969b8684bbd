package io.gemlab.graph.path.eager;

import io.gemlab.graph.base.tensor.Arguments;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutedNodes;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.KernelUse;
import io.gemlab.graph.path.Profile;
import io.gemlab.graph.path.Signatures;
import io.gemlab.graph.path.product.ProductUse;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.choice.Support;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.tensorflow.internal.c_api.TFE_TensorHandle;

/** Functions run node by node; state lives in tensor handles. */
final class EagerExecutable implements Executable {
  private static final Support.Unsupported NO_KERNELS =
      new Support.Unsupported(
          "this path runs the nodes as they were traced", "choose the graph or the clustered path");

  private final EagerRuntime runtime = new EagerRuntime();
  private final Signatures signatures = new Signatures();
  private final Map<String, EagerProgram> programs = new LinkedHashMap<>();
  private final Map<String, TFE_TensorHandle> state = new HashMap<>();
  private final Map<String, ExecutionReport> reports = new HashMap<>();

  @Override
  public void add(GraphFunction function) {
    signatures.add(function);
    programs.put(function.name(), new EagerProgram(runtime, function));
  }

  @Override
  public void assign(String name, HostTensor value) {
    Arguments.check(signatures.state(name), value);
    replace(name, runtime.handle(value));
  }

  @Override
  public List<TensorPiece> pieces(String name) {
    TensorSpec spec = signatures.state(name);
    TFE_TensorHandle handle = state.get(name);
    if (handle == null) throw new IllegalStateException(spec + " was read before it was assigned");
    return List.of(TensorPiece.whole(spec.shape(), () -> runtime.host(handle)));
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
    Profile.Recorder recorder = new Profile.Recorder();
    execute(
            name,
            arguments,
            (step, took) ->
                recorder.ended(
                    step.node().getName(), step.node().getOp(), took, step.node().getInputList()))
        .close();
    return recorder.profile();
  }

  private Results execute(
      String name,
      Map<String, HostTensor> arguments,
      BiConsumer<EagerPlan.Step, Duration> executed) {
    GraphFunction function = signatures.function(name);
    List<HostTensor> values = Arguments.inOrder(name, function.argumentSpecs(), arguments);
    List<TFE_TensorHandle> inputs = new ArrayList<>();
    for (GraphFunction.Input input : function.state()) {
      TFE_TensorHandle handle = state.get(input.spec().name());
      if (handle == null) {
        throw new IllegalStateException(
            name + " needs " + input.spec() + ", which was not assigned");
      }
      inputs.add(handle);
    }
    List<TFE_TensorHandle> fed = new ArrayList<>();
    try {
      for (HostTensor value : values) fed.add(runtime.handle(value));
      inputs.addAll(fed);
      return finish(function, programs.get(name).run(inputs, executed));
    } finally {
      fed.forEach(EagerRuntime::free);
    }
  }

  /** Takes the results out, and makes the updates the next state. */
  private Results finish(GraphFunction function, List<TFE_TensorHandle> outputs) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    int position = 0;
    for (GraphFunction.Output result : function.results()) {
      TFE_TensorHandle handle = outputs.get(position++);
      tensors.put(result.spec().name(), runtime.host(handle));
      EagerRuntime.free(handle);
    }
    for (GraphFunction.Output update : function.updates()) {
      replace(update.spec().name(), outputs.get(position++));
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
    GraphFunction function = signatures.function(name);
    List<String> notes = new ArrayList<>();
    notes.add("Every node is one TFE_Execute; nothing is fused or reordered.");
    notes.addAll(programs.get(name).notes());
    return new ExecutionReport(
        "eager",
        name,
        ExecutedNodes.count(function),
        executed,
        0,
        KernelUse.none(function, NO_KERNELS),
        ProductUse.NONE,
        firstCall,
        notes);
  }

  @Override
  public void close() {
    state.values().forEach(EagerRuntime::free);
    programs.values().forEach(EagerProgram::close);
    runtime.close();
  }
}
