package io.gemlab.tpu.pjrt;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.List;
import java.util.Locale;

/**
 * A GPU that the CUDA plugin can compile for although it isn't there.
 *
 * <p>The figures are those of the compiler's own records of these GPUs; what they leave out is how
 * fast single units are, which a compiler with the GPU at hand also asks. Its choices may differ.
 *
 * @see <a
 *     href="https://github.com/openxla/xla/tree/main/xla/backends/gpu/target_config/specs">openxla,
 *     h100_sxm.txtpb and h200.txtpb at 0774019 and 4336d12</a>
 */
public enum GpuTarget {
  /** SXM, 80 GB. */
  H100("NVIDIA H100 80GB HBM3", 84_942_979_072L, 3_352_320_000_000L),
  /** SXM, 141 GB. */
  H200("NVIDIA H200", 151_397_597_184L, 4_800_000_000_000L);

  private static final int DEVICES_PER_HOST = 8;

  /** A GpuTargetConfigProto as text, of what both GPUs have in common. */
  private static final String TARGET_CONFIG =
      """
      platform_name: "CUDA"
      device_description_str: "%1$s"
      dnn_version_info { major: 9 minor: 10 }
      gpu_device_info {
        name: "%1$s"
        device_vendor: "NVIDIA Corporation"
        device_memory_size: %2$d
        memory_bandwidth: %3$d
        cuda_compute_capability { major: 9 feature_extension: ACCELERATED_FEATURES }
        core_count: 132
        fpus_per_core: 128
        clock_rate_ghz: 1.98
        l2_cache_size: 52428800
        shared_memory_per_core: 233472
        shared_memory_per_block: 49152
        shared_memory_per_block_optin: 232448
        registers_per_core_limit: 65536
        registers_per_block_limit: 65536
        threads_per_warp: 32
        threads_per_block_limit: 1024
        threads_per_core_limit: 2048
        thread_dim_limit_x: 1024
        thread_dim_limit_y: 1024
        thread_dim_limit_z: 64
        block_dim_limit_x: 2147483647
        block_dim_limit_y: 65535
        block_dim_limit_z: 65535
        pcie_bandwidth: 34359738368
        device_interconnect_info { active_links: 18 }
        driver_version: "13.0.0"
        runtime_version: "13.0.0"
        compile_time_toolkit_version: "13.0.0"
      }
      """;

  private final String name;
  private final long memoryBytes;
  private final long bytesPerSecond;

  GpuTarget(String name, long memoryBytes, long bytesPerSecond) {
    this.name = name;
    this.memoryBytes = memoryBytes;
    this.bytesPerSecond = bytesPerSecond;
  }

  /**
   * One host, or several with 8 GPUs each.
   *
   * @throws InvalidInput if there are more than 8 and they don't fill their hosts
   */
  public TopologySpec topology(int numDevices) {
    int hosts = Math.ceilDiv(numDevices, DEVICES_PER_HOST);
    int perHost = hosts == 1 ? numDevices : DEVICES_PER_HOST;
    if (numDevices < 1 || hosts * perHost != numDevices) {
      throw new InvalidInput(
          "%d GPUs of kind %s: give 1 to %d, or a multiple of %d"
              .formatted(numDevices, this, DEVICES_PER_HOST, DEVICES_PER_HOST));
    }
    String shape = "1x%dx%d".formatted(hosts, perHost);
    return new TopologySpec(
        toString() + ":" + shape,
        List.of(
            new NamedValue.Text(
                "target_config", TARGET_CONFIG.formatted(name, memoryBytes, bytesPerSecond)),
            new NamedValue.Text("topology", shape)));
  }

  /** As {@code h200}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
