package io.gemlab.tpu.device;

import io.gemlab.graph.base.keyvalue.KeyValueStore;

/**
 * Which of several hosts this one is, whose devices are driven together: each by a process of its
 * own, which runs the same programs on its own devices.
 *
 * @param number of this host, from 0
 * @param count of hosts
 * @param store that all share, through which the plugin's clients find each other; it outlives the
 *     devices
 */
public record HostPlace(int number, int count, KeyValueStore store) {
  public HostPlace {
    if (number < 0 || number >= count) {
      throw new IllegalArgumentException("host " + number + " of " + count);
    }
  }
}
