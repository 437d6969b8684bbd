package io.gemlab.tpu.pjrt.plugin;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.tpu.pjrt.NamedValue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The plugins that Gemlab looks for, and how to get each. */
public enum PluginKind {
  /** Google's libtpu: compiles for every TPU, also where none is attached. */
  TPU("libtpu/libtpu.so", Optional.of("TPU_LIBRARY_PATH"), "pip install libtpu"),

  /** JAX's plugin for NVIDIA's GPUs, with the CUDA libraries that it needs. */
  CUDA(
      "jax_plugins/xla_cuda13/xla_cuda_plugin.so", Optional.empty(), "pip install \"jax[cuda13]\""),

  /** XLA for this machine's own processor: a device that every machine has. */
  CPU(
      "lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so",
      Optional.empty(),
      "pip install --no-deps lammps-jax-pjrt-cpu");

  private final String file;
  private final Optional<String> variable;
  private final String remedy;

  PluginKind(String file, Optional<String> variable, String remedy) {
    this.file = file;
    this.variable = variable;
    this.remedy = remedy;
  }

  /** What a library is, by its name. */
  public static Optional<PluginKind> of(Path library) {
    return Arrays.stream(values())
        .filter(kind -> Path.of(kind.file).getFileName().equals(library.getFileName()))
        .findFirst();
  }

  /** The library's place in a folder of Python packages. */
  String file() {
    return file;
  }

  /** The environment variable that names the library. */
  public Optional<String> variable() {
    return variable;
  }

  /**
   * What a client of it is asked for. JAX's plugin would take three quarters of a GPU's memory at
   * once, needed or not. A CPU is as many devices as it is asked to be, and four if it isn't.
   *
   * @param devices how many will be used
   */
  public List<NamedValue> clientOptions(int devices) {
    return switch (this) {
      case TPU -> List.of();
      case CUDA -> List.of(new NamedValue.Flag("preallocate", false));
      case CPU ->
          devices == 1 ? List.of() : List.of(new NamedValue.Whole("cpu_device_count", devices));
    };
  }

  /**
   * What a client of one of several hosts is told beside. libtpu knows its slice's hosts from the
   * machine.
   *
   * @param host this one's number, from 0
   * @param hosts how many there are
   * @throws InvalidInput if it runs nothing over several hosts
   */
  public List<NamedValue> hostOptions(int host, int hosts) {
    return switch (this) {
      case TPU -> List.of();
      case CUDA -> nodeOptions(host, hosts);
      case CPU ->
          throw new InvalidInput(
              "XLA's plugin for the CPU has no collectives between processes, so it runs nothing over several hosts: give a TPU's or a GPU's plugin, or run on one host");
    };
  }

  /** As JAX tells it every plugin that it doesn't know otherwise. */
  public static List<NamedValue> nodeOptions(int host, int hosts) {
    return List.of(new NamedValue.Whole("node_id", host), new NamedValue.Whole("num_nodes", hosts));
  }

  /**
   * Refuses a library that can't compile as it lies there, where that shows without loading it.
   *
   * @throws InvalidInput saying what to do
   */
  public void requireUsable(Path library) {
    if (this == CUDA) CudaTools.requireExecutable(library);
  }

  /** The command that brings the plugin. */
  public String remedy() {
    return remedy;
  }
}
