package io.gemlab.ops.matrix;

import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TFloating;

/**
 * Signed integers in the bytes of a tensor, as floating-point numbers.
 *
 * <p>TensorFlow has int8 and TensorFlow Java has no class for it, so these few ops are built by
 * their names.
 */
final class PackedInts {
  private static final byte HALF_BITS = 4;

  private PackedInts() {}

  /** Bytes in two's complement. */
  static <T extends TFloating> Operand<T> toFloats(Ops tf, Operand<TUint8> bytes, Class<T> type) {
    return tf.dtypes.cast(signed(tf, bytes.asOutput()), type);
  }

  /** The lower four bits of bytes, in two's complement. */
  static <T extends TFloating> Operand<T> lowerHalves(
      Ops tf, Operand<TUint8> bytes, Class<T> type) {
    Output<?> moved = shift(tf, "LeftShift", bytes.asOutput(), tf.constant(HALF_BITS).asOutput());
    return upper(tf, moved, type);
  }

  /** The upper four bits of bytes, in two's complement. */
  static <T extends TFloating> Operand<T> upperHalves(
      Ops tf, Operand<TUint8> bytes, Class<T> type) {
    return upper(tf, bytes.asOutput(), type);
  }

  private static <T extends TFloating> Operand<T> upper(Ops tf, Output<?> bytes, Class<T> type) {
    Output<?> four = signed(tf, tf.constant(HALF_BITS).asOutput());
    return tf.dtypes.cast(shift(tf, "RightShift", signed(tf, bytes), four), type);
  }

  private static Output<?> signed(Ops tf, Output<?> bytes) {
    return tf.scope()
        .opBuilder("Bitcast", "Bitcast")
        .addInput(bytes)
        .setAttr("type", DataType.DT_INT8)
        .build()
        .output(0);
  }

  private static Output<?> shift(Ops tf, String op, Output<?> bytes, Output<?> bits) {
    return tf.scope().opBuilder(op, op).addInput(bytes).addInput(bits).build().output(0);
  }
}
