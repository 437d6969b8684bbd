package io.gemlab.graph.train;

import io.gemlab.graph.base.checkpoint.FloatConversion;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;

/** Between float32 tensors and those of narrower types. */
final class Narrow {
  private Narrow() {}

  /** A float32 tensor in another type. */
  static HostTensor of(HostTensor wide, ElementType type) {
    if (type == ElementType.F32) return wide;
    HostTensor narrow = HostTensor.zeros(type, wide.shape());
    FloatConversion.fromFloat32(type, wide.data(), narrow.data());
    return narrow;
  }

  /** A tensor's numbers as float32. */
  static float[] floats(HostTensor tensor) {
    if (tensor.type() == ElementType.F32) return tensor.floats();
    HostTensor wide = HostTensor.zeros(ElementType.F32, tensor.shape());
    FloatConversion.toFloat32(tensor.type(), tensor.data(), wide.data());
    return wide.floats();
  }
}
