package io.gemlab.graph.path.session;

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
import io.gemlab.graph.path.kernel.Kernels;
import io.gemlab.graph.path.kernel.Packing;
import io.gemlab.graph.path.product.ChosenProducts;
import io.gemlab.graph.path.product.ProductUse;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.DeviceStepStats;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.NodeExecStats;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.proto.StepStats;

/**
 * Functions in one TensorFlow session; state lives in resource variables that they share by name.
 */
final class SessionExecutable implements Executable {
  private static final Set<String> XLA_PROGRAMS = Set.of("XlaLaunch", "XlaLaunchV2", "_XlaCompile");

  private final String path;
  private final SessionBody body;
  private final Products products;
  private final Signatures signatures = new Signatures();
  private final Map<String, ExecutionReport> reports = new LinkedHashMap<>();
  private final Map<String, SessionCall> calls = new HashMap<>();
  private final Map<String, ProductUse> productUses = new HashMap<>();

  /** Functions whose state is all there; looked at again when any was released. */
  private final Set<String> complete = new HashSet<>();

  private final Map<String, KernelUse> kernelUses = new HashMap<>();

  /** What of the packed a function's call leaves outdated, by name. */
  private final Map<String, List<String>> outdated = new HashMap<>();

  private final PackedVariables packed = new PackedVariables();
  private Packing packing;
  private final Graph graph = new Graph();
  private final Session session;
  private final SessionState state;

  SessionExecutable(
      String path,
      SessionBody body,
      SessionHost host,
      ConfigProto config,
      Products products,
      List<GraphFunction> functions) {
    this.path = path;
    this.body = body;
    packing = products.pin().isPresent() ? Packing.INTEGERS : Packing.of(functions);
    this.products = products;
    functions.forEach(this::add);
    session = host.open(graph, config);
    state = new SessionState(session);
  }

  @Override
  public void add(GraphFunction function) {
    SessionState.declare(graph, signatures.add(function));
    packing = packing.and(function);
    Kernels.Put put = Kernels.putInto(function, body::kernel, packing);
    kernelUses.put(function.name(), put.use());
    ChosenProducts chosen =
        body.choosesProducts()
            ? ChosenProducts.in(function, put.function(), products)
            : new ChosenProducts(put.function(), ProductUse.NONE);
    productUses.put(function.name(), chosen.use());
    GraphFunction ours = chosen.function();
    packed.add(graph, ours, signatures::state);
    graph.importGraphDef(withState(ours), function.name());
    calls.put(function.name(), SessionCall.of(ours, body, graph));
    outdated.clear(); // what it brings may be made of what others write
  }

  /**
   * The body with variables where it had placeholders for state, and assignments of its updates but
   * for those that a kernel writes itself.
   */
  private GraphDef withState(GraphFunction function) {
    Map<String, TensorSpec> stateByNode = new LinkedHashMap<>();
    for (GraphFunction.Input input : function.state()) stateByNode.put(input.node(), input.spec());

    GraphDef traced = body.graph(function);
    GraphDef.Builder stateful = traced.toBuilder().clearNode();
    for (NodeDef node : traced.getNodeList()) {
      TensorSpec spec = stateByNode.get(node.getName());
      if (spec == null) {
        stateful.addNode(node);
        continue;
      }
      String variable = "variable/" + spec.name();
      stateful
          .addNode(Nodes.variable(variable, spec.name(), spec.type(), spec.shape()))
          .addNode(Nodes.read(node.getName(), variable, spec.type()));
    }
    Set<String> writers = SessionCall.writers(function);
    int position = function.results().size();
    for (GraphFunction.Output update : function.updates()) {
      String value = body.output(function, position++);
      if (writers.contains(update.node())) continue;
      TensorSpec spec = update.spec();
      stateful.addNode(
          Nodes.assign("assign/" + spec.name(), "variable/" + spec.name(), value, spec.type()));
    }
    return stateful.build();
  }

  @Override
  public void assign(String name, HostTensor value) {
    Arguments.check(signatures.state(name), value);
    state.assign(name, value);
    releasePacked(packed.madeOf(List.of(name)));
  }

  @Override
  public List<TensorPiece> pieces(String name) {
    TensorSpec spec = signatures.state(name);
    if (packed.holds(state, name)) {
      return List.of(TensorPiece.whole(spec.shape(), () -> packed.read(session, state, name)));
    }
    if (!state.has(name)) {
      throw new IllegalStateException(spec + " was read before it was assigned");
    }
    return List.of(TensorPiece.whole(spec.shape(), () -> state.read(name)));
  }

  @Override
  public void release(Collection<String> names) {
    names.forEach(signatures::state);
    complete.clear();
    state.release(names);
    releasePacked(packed.madeOf(names));
  }

  /** Frees what was packed from state that has another value now. */
  private void releasePacked(List<String> packedStates) {
    List<String> stale = packedStates.stream().filter(state::has).toList();
    if (stale.isEmpty()) return;
    complete.clear();
    state.release(stale);
  }

  @Override
  public Results run(String name, Map<String, HostTensor> arguments) {
    SessionCall call = loaded(name);
    boolean first = !reports.containsKey(name);
    return results(
        call.function(),
        call(
            call,
            arguments,
            runner -> first ? runFirst(call, runner) : runner.setOptions(call.threads()).run()));
  }

  @Override
  public Profile profile(String name, Map<String, HostTensor> arguments) {
    SessionCall call = loaded(name);
    RunOptions timed =
        call.threads().toBuilder().setTraceLevel(RunOptions.TraceLevel.FULL_TRACE).build();
    long start = System.nanoTime();
    try (Result result =
        call(call, arguments, runner -> runner.setOptions(timed).runAndFetchMetadata())) {
      Duration whole = Duration.ofNanos(System.nanoTime() - start);
      return profile(whole, result.getMetadata().orElseThrow().getStepStats());
    }
  }

  private static Profile profile(Duration whole, StepStats stats) {
    List<Profile.Node> nodes = new ArrayList<>();
    long begin = Long.MAX_VALUE;
    for (DeviceStepStats device : stats.getDevStatsList()) {
      for (NodeExecStats node : device.getNodeStatsList()) {
        begin = Math.min(begin, node.getAllStartMicros());
      }
    }
    for (DeviceStepStats device : stats.getDevStatsList()) {
      for (NodeExecStats node : device.getNodeStatsList()) {
        TimelineLabel label = TimelineLabel.parse(node.getTimelineLabel());
        nodes.add(
            new Profile.Node(
                node.getNodeName(),
                label.op(),
                Duration.of(node.getAllStartMicros() - begin, ChronoUnit.MICROS),
                Duration.of(node.getAllEndRelMicros(), ChronoUnit.MICROS),
                label.inputs()));
      }
    }
    return new Profile(whole, nodes);
  }

  /** How a function is called; refuses a name that is none's. */
  private SessionCall loaded(String name) {
    return calls.get(signatures.function(name).name());
  }

  private void requireState(GraphFunction function) {
    if (complete.contains(function.name())) return;
    packed.provide(session, state, function);
    complete.add(function.name());
  }

  /** Feeds the arguments, asks for the results and the updates, and runs. */
  private Result call(
      SessionCall call, Map<String, HostTensor> arguments, Function<Session.Runner, Result> run) {
    GraphFunction function = call.function();
    List<HostTensor> values =
        Arguments.inOrder(function.name(), function.argumentSpecs(), arguments);
    requireState(function);
    state.settle();
    List<Tensor> fed = new ArrayList<>();
    try {
      for (HostTensor value : values) fed.add(Tensors.copy(value));
      return run.apply(call.runner(session, fed));
    } finally {
      fed.forEach(Tensor::close);
      releasePacked(outdated.computeIfAbsent(function.name(), _ -> outdated(function)));
    }
  }

  /** What is made of the state that a function writes, but for what it writes too. */
  private List<String> outdated(GraphFunction function) {
    Set<String> written = new HashSet<>();
    function.updates().forEach(update -> written.add(update.spec().name()));
    return packed.madeOf(written).stream().filter(name -> !written.contains(name)).toList();
  }

  private static Results results(GraphFunction function, Result result) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < function.results().size(); i++) {
      tensors.put(function.results().get(i).spec().name(), Tensors.view(result.get(i)));
    }
    return new Results(tensors);
  }

  /** The first call compiles; it also tells what the session made of the graph. */
  private Result runFirst(SessionCall call, Session.Runner runner) {
    GraphFunction function = signatures.function(call.function().name());
    runner.setOptions(call.threads().toBuilder().setOutputPartitionGraphs(true).build());
    long start = System.nanoTime();
    Result result = runner.runAndFetchMetadata();
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    int executed = 0;
    int clusters = 0;
    for (GraphDef partition : result.getMetadata().orElseThrow().getPartitionGraphsList()) {
      for (NodeDef node : partition.getNodeList()) {
        if (!ExecutedNodes.isComputation(node)) continue;
        executed++;
        if (XLA_PROGRAMS.contains(node.getOp()) || FusedBody.isCompiled(node)) clusters++;
      }
    }
    reports.put(
        function.name(),
        new ExecutionReport(
            path,
            function.name(),
            ExecutedNodes.count(function),
            executed,
            clusters,
            kernelUses.get(function.name()),
            productUses.get(function.name()),
            took,
            body.notes(function, clusters)));
    return result;
  }

  @Override
  public ExecutionReport report(String name) {
    GraphFunction function = signatures.function(name);
    ExecutionReport report = reports.get(name);
    if (report != null) return report;
    int nodes = ExecutedNodes.count(function);
    return new ExecutionReport(
        path,
        name,
        nodes,
        0,
        0,
        kernelUses.get(name),
        productUses.get(name),
        Duration.ZERO,
        List.of(name + " was not called."));
  }

  @Override
  public void close() {
    state.close();
    session.close();
    graph.close();
  }
}
