package io.gemlab.ops.kernel;

import io.gemlab.ops.choice.Support;

/** Whether there are kernels of ours. */
public final class Kernels {
  /** What their ops' names in graphs begin with. */
  static final String PREFIX = "Gemlab";

  /** Floats in the smallest vector that the kernels work with. */
  private static final int FEWEST_LANES = 4;

  private static final Support SUPPORT = find();

  private Kernels() {}

  /** Whether an op of this name in a graph is one. */
  public static boolean isOne(String op) {
    return op.startsWith(PREFIX);
  }

  /** Whether this process has them. */
  public static Support support() {
    return SUPPORT;
  }

  private static Support find() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return Support.no(
          "the Java virtual machine has no vector module",
          "start it with --add-modules jdk.incubator.vector");
    }
    return Lanes.COUNT < FEWEST_LANES
        ? Support.no(
            "this machine's vectors hold " + Lanes.COUNT + " floats",
            "leave products to TensorFlow")
        : Support.yes();
  }
}
