package io.gemlab.tpu.pjrt;

import java.util.List;

/**
 * Which devices to compile for.
 *
 * @param name the plugin's name for them, such as {@code v5e:2x2} for libtpu; for messages alone
 *     where the options say all
 * @param options the plugin's own, such as {@code chips_per_host_bounds} and {@code num_slices} for
 *     libtpu
 */
public record TopologySpec(String name, List<NamedValue> options) {
  public TopologySpec {
    options = List.copyOf(options);
  }

  /** A TPU slice by its name alone, such as {@code v5e:2x2} or {@code v5p:2x2x4}. */
  public static TopologySpec tpu(String name) {
    return new TopologySpec(name, List.of());
  }
}
