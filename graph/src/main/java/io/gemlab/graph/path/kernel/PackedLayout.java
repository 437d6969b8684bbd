package io.gemlab.graph.path.kernel;

import io.gemlab.ops.choice.Support;
import java.util.Arrays;
import java.util.Optional;

/** The layouts of packed matrices, which a packed state's name ends with. */
enum PackedLayout {
  /** For oneDNN's products. */
  ONEDNN("/packed") {
    @Override
    boolean isSupported() {
      return DnnlLibrary.support() instanceof Support.Supported;
    }

    @Override
    MatrixPacking packing(int type, int in, int out) {
      return new DnnlPacking(DnnlFormat.of(type), in, out);
    }
  },
  /** For our kernel of 4-bit integers, which reads several rows at once. */
  TILES("/tiles") {
    @Override
    boolean isSupported() {
      return true;
    }

    @Override
    MatrixPacking packing(int type, int in, int out) {
      return TilePacking.of(type, in, out);
    }
  };

  private final String suffix;

  PackedLayout(String suffix) {
    this.suffix = suffix;
  }

  String suffix() {
    return suffix;
  }

  /** Whether a process that has kernels can multiply by what lies so. */
  abstract boolean isSupported();

  /**
   * A matrix's packing.
   *
   * @param type TensorFlow's number of the plain one's element type
   * @param in elements in a row of it
   * @param out rows
   */
  abstract MatrixPacking packing(int type, int in, int out);

  /** That of a packed state; empty where a state isn't packed. */
  static Optional<PackedLayout> of(String state) {
    return Arrays.stream(values()).filter(layout -> state.endsWith(layout.suffix)).findFirst();
  }
}
