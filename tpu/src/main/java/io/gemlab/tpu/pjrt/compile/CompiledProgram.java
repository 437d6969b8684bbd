package io.gemlab.tpu.pjrt.compile;

import io.gemlab.tpu.pjrt.MemoryStatistics;
import io.gemlab.tpu.pjrt.OutputSpec;
import io.gemlab.tpu.pjrt.PjrtClient;
import io.gemlab.tpu.pjrt.PjrtExecutable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A program that was compiled ahead of time, with all that its compiler says of it.
 *
 * @param optimized the program after the compiler's passes, a serialized {@code HloModuleProto}
 * @param memory what it holds in the memory of each device
 * @param costs the compiler's estimates, as {@link PjrtExecutable#costAnalysis}; empty where it
 *     makes none
 * @param outputs the outputs as each device holds them
 * @param fingerprint in hexadecimal, where the compiler makes one
 * @param executable the bytes that {@link PjrtClient#load} takes, on a machine with the devices and
 *     the same plugin
 * @param compiler by what, for what and with what effort it was compiled
 */
public record CompiledProgram(
    byte[] optimized,
    MemoryStatistics memory,
    Map<String, Double> costs,
    List<OutputSpec> outputs,
    Optional<String> fingerprint,
    byte[] executable,
    Compiler compiler) {
  public CompiledProgram {
    costs = Map.copyOf(costs);
    outputs = List.copyOf(outputs);
  }

  /**
   * A compiler and what one compilation took.
   *
   * @param plugin the library's file name
   * @param apiVersion of PJRT, such as {@code 0.117}
   * @param platformVersion the compiler's own version; may be several lines
   * @param deviceKind such as {@code TPU v5 lite}
   * @param numDevices in the topology
   * @param deviceMemory bytes that a program may use of each device, where the plugin says it
   * @param time of the compilation alone, without loading the plugin
   * @param peakMemory the most memory that the compiling process held, in bytes, where the system
   *     tells
   */
  public record Compiler(
      String plugin,
      String apiVersion,
      String platformVersion,
      String deviceKind,
      int numDevices,
      OptionalLong deviceMemory,
      Duration time,
      OptionalLong peakMemory) {}
}
