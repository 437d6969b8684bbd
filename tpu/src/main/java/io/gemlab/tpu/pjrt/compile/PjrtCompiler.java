package io.gemlab.tpu.pjrt.compile;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.process.ProcessMemory;
import io.gemlab.tpu.pjrt.DeviceDescription;
import io.gemlab.tpu.pjrt.PjrtError;
import io.gemlab.tpu.pjrt.PjrtError.Code;
import io.gemlab.tpu.pjrt.PjrtExecutable;
import io.gemlab.tpu.pjrt.PjrtPlugin;
import io.gemlab.tpu.pjrt.PjrtTopology;
import io.gemlab.tpu.pjrt.Programs;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Compiles ahead of time inside this process, which a fault of the plugin ends. {@link
 * ChildCompiler} keeps that away.
 */
public final class PjrtCompiler {
  private PjrtCompiler() {}

  /**
   * Compiles a program.
   *
   * @throws InvalidInput if the plugin, the topology, the devices or the program can't be used
   * @throws PjrtError if the compiler refuses the program; RESOURCE_EXHAUSTED if it doesn't fit
   */
  public static CompiledProgram compile(CompileRequest request) {
    Programs.requireModule(request.hlo());
    return compile(PjrtPlugin.open(request.plugin()), request);
  }

  public static CompiledProgram compile(PjrtPlugin plugin, CompileRequest request) {
    try (PjrtTopology topology = plugin.topology(request.topology())) {
      List<DeviceDescription> devices = topology.devices();
      requireDevices(request, devices);
      long start = System.nanoTime();
      try (PjrtExecutable executable = topology.compile(request.hlo(), request.options())) {
        Duration time = Duration.ofNanos(System.nanoTime() - start);
        DeviceDescription device = devices.getFirst();
        return new CompiledProgram(
            executable.optimizedProgram(),
            executable.memoryStatistics(),
            whereImplemented(executable::costAnalysis).orElse(Map.of()),
            executable.outputs(),
            whereImplemented(executable::fingerprint),
            executable.serialize(),
            new CompiledProgram.Compiler(
                plugin.name(),
                plugin.apiVersion(),
                topology.platformVersion(),
                device.kind(),
                devices.size(),
                device.memoryLimit(),
                time,
                ProcessMemory.peak()));
      }
    }
  }

  /** Plugins don't check this: some compile what can't run, some abort. */
  private static void requireDevices(CompileRequest request, List<DeviceDescription> devices) {
    Set<Integer> ids = devices.stream().map(DeviceDescription::id).collect(Collectors.toSet());
    Set<Integer> missing = new HashSet<>(request.options().deviceIds());
    missing.removeAll(ids);
    if (missing.isEmpty()) return;
    throw new InvalidInput(
        "the mesh takes %d devices and topology %s has %d: make the mesh smaller or take a larger topology"
            .formatted(
                request.options().deviceIds().size(),
                InvalidInput.shown(request.topology().name()),
                devices.size()));
  }

  private static <T> Optional<T> whereImplemented(Supplier<T> question) {
    try {
      return Optional.of(question.get());
    } catch (PjrtError e) {
      if (e.code() == Code.UNIMPLEMENTED) return Optional.empty();
      throw e;
    }
  }
}
