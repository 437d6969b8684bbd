package io.gemlab.tpu.path;

import io.gemlab.graph.base.tensor.Arguments;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutedNodes;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.KernelUse;
import io.gemlab.graph.path.Profile;
import io.gemlab.graph.path.Signatures;
import io.gemlab.graph.path.product.ProductUse;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.tpu.device.Device;
import io.gemlab.tpu.device.DeviceProgram;
import io.gemlab.tpu.device.DeviceProgram.Phase;
import io.gemlab.tpu.device.DeviceState;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.export.HloExporter;
import io.gemlab.tpu.mesh.ShardingPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Functions on a device, or partitioned over several; each is exported and compiled when it is
 * first called, so that one that only declares state costs nothing.
 */
final class DeviceExecutable implements Executable {
  private final String path;
  private final Device device;
  private final DeviceState state;
  private final Function<GraphFunction, Optional<ShardingPlan>> planner;
  private final Signatures signatures = new Signatures();
  private final Map<String, ShardingPlan> plans = new HashMap<>();
  private final Map<String, DeviceProgram> programs = new HashMap<>();
  private final Map<String, ExecutionReport> reports = new HashMap<>();

  private DeviceExecutable(
      String path, Device device, Function<GraphFunction, Optional<ShardingPlan>> planner) {
    this.path = path;
    this.device = device;
    this.planner = planner;
    this.state = new DeviceState(device);
  }

  /**
   * Readies functions.
   *
   * @param device from now on the executable's, which closes it
   * @param planner how a function is cut where the device is several as one; empty where it is one
   */
  static DeviceExecutable load(
      String path,
      Device device,
      Function<GraphFunction, Optional<ShardingPlan>> planner,
      List<GraphFunction> functions) {
    DeviceExecutable executable = new DeviceExecutable(path, device, planner);
    try {
      functions.forEach(executable::add);
      return executable;
    } catch (RuntimeException e) {
      executable.close();
      throw e;
    }
  }

  @Override
  public void add(GraphFunction function) {
    Optional<ShardingPlan> plan = planner.apply(function);
    signatures.add(function);
    plan.ifPresent(cut -> place(function, cut));
  }

  private void place(GraphFunction function, ShardingPlan plan) {
    plans.put(function.name(), plan);
    for (GraphFunction.Input input : function.state()) {
      state.place(input.spec(), plan.of(input).proto(plan.mesh()));
    }
  }

  @Override
  public void assign(String name, HostTensor value) {
    Arguments.check(signatures.state(name), value);
    state.assign(name, value);
  }

  @Override
  public List<TensorPiece> pieces(String name) {
    signatures.state(name);
    return state.pieces(name);
  }

  @Override
  public void release(Collection<String> names) {
    names.forEach(signatures::state);
    state.release(names);
  }

  @Override
  public Results run(String name, Map<String, HostTensor> arguments) {
    return run(name, arguments, (phase, took) -> {});
  }

  /** The call's phases; what happens inside the program is the device's. */
  @Override
  public Profile profile(String name, Map<String, HostTensor> arguments) {
    Profile.Recorder recorder = new Profile.Recorder();
    run(
            name,
            arguments,
            (phase, took) ->
                recorder.ended(phase.name().toLowerCase(Locale.ROOT), op(phase), took, List.of()))
        .close();
    return recorder.profile();
  }

  /** TensorFlow's names for the same, which is what profiles are sorted by. */
  private static String op(Phase phase) {
    return switch (phase) {
      case UPLOAD, DOWNLOAD -> "DeepCopy";
      case PROGRAM -> "_XlaRun";
    };
  }

  private Results run(
      String name, Map<String, HostTensor> arguments, BiConsumer<Phase, Duration> timed) {
    GraphFunction function = signatures.function(name);
    long start = System.nanoTime();
    DeviceProgram program = programs.get(name);
    if (program != null) return program.run(state, arguments, timed);
    HloModule exported = HloExporter.export(function);
    ShardingPlan plan = plans.get(name);
    if (plan != null) exported = plan.annotate(function, exported);
    long compile = System.nanoTime();
    program = device.compile(FunctionSignature.of(function), exported.toByteArray());
    programs.put(name, program);
    long compiled = System.nanoTime();
    Results results = program.run(state, arguments, timed);
    reports.put(
        name,
        report(
            function,
            1,
            Duration.ofNanos(System.nanoTime() - start),
            "Exporting took %.1f s and compiling %.1f s."
                .formatted((compile - start) / 1e9, (compiled - compile) / 1e9)));
    return results;
  }

  @Override
  public ExecutionReport report(String name) {
    GraphFunction function = signatures.function(name);
    ExecutionReport report = reports.get(name);
    return report != null ? report : report(function, 0, Duration.ZERO, name + " was not called.");
  }

  private ExecutionReport report(
      GraphFunction function, int programsRun, Duration firstCall, String note) {
    List<String> notes = new ArrayList<>(List.of(device.described()));
    ShardingPlan plan = plans.get(function.name());
    if (plan != null) notes.add("The program is partitioned over mesh " + plan.mesh() + ".");
    notes.add(note);
    return new ExecutionReport(
        path,
        function.name(),
        ExecutedNodes.count(function),
        0,
        programsRun,
        KernelUse.none(function, KernelUse.ALL_COMPILED),
        ProductUse.NONE,
        firstCall,
        notes);
  }

  @Override
  public void close() {
    state.close();
    programs.values().forEach(DeviceProgram::close);
    device.close();
  }
}
