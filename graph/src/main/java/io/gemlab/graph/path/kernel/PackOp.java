package io.gemlab.graph.path.kernel;

import java.util.List;

/**
 * The ops that bring a matrix into a layout and back: from [O, I] to uint8 [O, bytes], and from
 * that to [O, I], whose type and I those of an empty tensor [0, I] are.
 */
enum PackOp {
  PACK("Pack", PackedLayout.ONEDNN, true),
  UNPACK("Unpack", PackedLayout.ONEDNN, false),
  TILE("Tile", PackedLayout.TILES, true),
  UNTILE("Untile", PackedLayout.TILES, false);

  private static final class Tensors {
    private static final List<String> PLAIN = List.of("plain: T");
    private static final List<String> PACKED = List.of("packed: uint8");
    private static final List<String> PACKED_LIKE = List.of("packed: uint8", "like: T");
  }

  static {
    for (PackOp op : values()) {
      new KernelOp(
              op.type(),
              "T: {float, bfloat16, uint8}",
              op.packs ? Tensors.PLAIN : Tensors.PACKED_LIKE,
              op.packs ? Tensors.PACKED : Tensors.PLAIN,
              KernelOp.OutputShape.UNKNOWN,
              op.packs ? op::pack : op::unpack)
          .register();
    }
  }

  private final String type;
  private final PackedLayout layout;
  private final boolean packs;

  PackOp(String name, PackedLayout layout, boolean packs) {
    this.type = Kernels.PREFIX + name;
    this.layout = layout;
    this.packs = packs;
  }

  /** The one that packs for a layout. */
  static PackOp pack(PackedLayout layout) {
    return switch (layout) {
      case ONEDNN -> PACK;
      case TILES -> TILE;
    };
  }

  /** The one that does the reverse. */
  static PackOp unpack(PackedLayout layout) {
    return switch (layout) {
      case ONEDNN -> UNPACK;
      case TILES -> UNTILE;
    };
  }

  /** The op's name in graphs. */
  String type() {
    return type;
  }

  private void pack(KernelCall call) throws Throwable {
    KernelCall.Input plain = call.input(0, 2);
    int out = plain.dimension(0);
    MatrixPacking packing = layout.packing(plain.type(), plain.dimension(1), out);
    packing.pack(plain.data(), call.output(KernelCall.DT_UINT8, out, packing.bytesPerRow()));
  }

  private void unpack(KernelCall call) throws Throwable {
    KernelCall.Input packed = call.input(0, 2);
    KernelCall.Input like = call.input(1, 2);
    int out = packed.dimension(0);
    int in = like.dimension(1);
    MatrixPacking packing = layout.packing(like.type(), in, out);
    packing.unpack(packed.data(), call.output(like.type(), out, in));
  }
}
