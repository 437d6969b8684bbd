package io.gemlab.graph.path.kernel;

import java.util.List;

/**
 * The ops that bring a matrix into the layout of {@link DnnlPacking} and back: from [O, I] to uint8
 * [O, bytes], and from that to [O, I], whose type and I those of an empty tensor [0, I] are.
 */
enum PackOp {
  PACK("Pack", List.of("plain: T"), List.of("packed: uint8")) {
    @Override
    void run(KernelCall call) throws Throwable {
      KernelCall.Input plain = call.input(0, 2);
      int out = plain.dimension(0);
      DnnlPacking packing = new DnnlPacking(DnnlFormat.of(plain.type()), plain.dimension(1), out);
      packing.pack(plain.data(), call.output(KernelCall.DT_UINT8, out, packing.bytesPerRow()));
    }
  },
  UNPACK("Unpack", List.of("packed: uint8", "like: T"), List.of("plain: T")) {
    @Override
    void run(KernelCall call) throws Throwable {
      KernelCall.Input packed = call.input(0, 2);
      int out = packed.dimension(0);
      KernelCall.Input like = call.input(1, 2);
      int in = like.dimension(1);
      DnnlPacking packing = new DnnlPacking(DnnlFormat.of(like.type()), in, out);
      packing.unpack(packed.data(), call.output(like.type(), out, in));
    }
  };

  static {
    for (PackOp op : values()) {
      new KernelOp(
              op.type(),
              "T: {float, bfloat16, uint8}",
              op.inputs,
              op.outputs,
              KernelOp.OutputShape.UNKNOWN,
              op::run)
          .register();
    }
  }

  private final String type;
  private final List<String> inputs;
  private final List<String> outputs;

  PackOp(String name, List<String> inputs, List<String> outputs) {
    this.type = Kernels.PREFIX + name;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** The op's name in graphs. */
  String type() {
    return type;
  }

  abstract void run(KernelCall call) throws Throwable;
}
