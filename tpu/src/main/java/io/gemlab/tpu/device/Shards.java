package io.gemlab.tpu.device;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.tpu.hlo.proto.OpSharding;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Which piece of a tensor each device holds; the same where several hold one.
 *
 * @param whole the tensor's shape
 * @param pieces how many along each dimension, each equally long
 * @param held for each device its piece, counted row-major
 */
record Shards(TensorShape whole, List<Long> pieces, List<Integer> held) {
  Shards {
    pieces = List.copyOf(pieces);
    held = List.copyOf(held);
  }

  /** Every device holds all of it. */
  static Shards whole(TensorShape shape, int devices) {
    return new Shards(
        shape, Collections.nCopies(shape.rank(), 1L), Collections.nCopies(devices, 0));
  }

  /**
   * As an annotation of a program says.
   *
   * @throws IllegalArgumentException if it is of a kind that Gemlab doesn't write, or cuts the
   *     shape unevenly
   */
  static Shards of(OpSharding sharding, TensorShape shape, int devices) {
    if (sharding.getType() == OpSharding.Type.REPLICATED) return whole(shape, devices);
    List<Long> grid = sharding.getTileAssignmentDimensionsList();
    int copies =
        sharding.getReplicateOnLastTileDim() ? Math.toIntExact(grid.get(grid.size() - 1)) : 1;
    List<Long> pieces = grid.subList(0, Math.min(shape.rank(), grid.size()));
    List<Long> holders = sharding.getTileAssignmentDevicesList();
    boolean even = pieces.size() == shape.rank() && holders.size() == devices;
    for (int i = 0; even && i < shape.rank(); i++) {
      even = shape.dimensions().get(i) % pieces.get(i) == 0;
    }
    if (sharding.getType() != OpSharding.Type.OTHER || !even) {
      throw new IllegalArgumentException(
          "a sharding that can't be followed for %s on %d devices: %s"
              .formatted(shape, devices, sharding));
    }
    Integer[] held = new Integer[devices];
    for (int i = 0; i < devices; i++) held[Math.toIntExact(holders.get(i))] = i / copies;
    return new Shards(shape, pieces, List.of(held));
  }

  /** A device for each piece: where several hold the same, the first. */
  Map<Integer, Integer> holders() {
    Map<Integer, Integer> holders = new LinkedHashMap<>();
    for (int device = 0; device < held.size(); device++) {
      holders.putIfAbsent(held.get(device), device);
    }
    return holders;
  }

  /** How many devices there are. */
  int devices() {
    return held.size();
  }

  /** What a device is given of the tensor: itself where it is not cut, else a copy. */
  HostTensor cut(HostTensor tensor, int device) {
    if (lastCut() < 0) return tensor;
    HostTensor piece = HostTensor.zeros(tensor.type(), pieceShape());
    long bytes = tensor.type().byteSize();
    runs(
        held.get(device),
        bytes,
        (inWhole, inPiece, length) ->
            MemorySegment.copy(tensor.data(), inWhole, piece.data(), inPiece, length));
    return piece;
  }

  /**
   * The tensor from its pieces.
   *
   * @param piece gives that of a device, which is closed here; asked for each piece once
   * @return the caller closes it
   */
  HostTensor join(IntFunction<HostTensor> piece) {
    if (lastCut() < 0) return piece.apply(0);
    HostTensor joined = null;
    try {
      for (Map.Entry<Integer, Integer> holder : holders().entrySet()) {
        try (HostTensor part = piece.apply(holder.getValue())) {
          if (joined == null) joined = HostTensor.allocate(part.type(), whole);
          MemorySegment into = joined.data();
          runs(
              holder.getKey(),
              part.type().byteSize(),
              (inWhole, inPiece, length) ->
                  MemorySegment.copy(part.data(), inPiece, into, inWhole, length));
        }
      }
      return joined;
    } catch (RuntimeException e) {
      if (joined != null) joined.close();
      throw e;
    }
  }

  private TensorShape pieceShape() {
    List<Long> shape = new ArrayList<>();
    for (int i = 0; i < pieces.size(); i++) shape.add(whole.dimensions().get(i) / pieces.get(i));
    return new TensorShape(shape);
  }

  /** The last dimension that is cut; -1 for none. */
  private int lastCut() {
    for (int i = pieces.size() - 1; i >= 0; i--) if (pieces.get(i) > 1) return i;
    return -1;
  }

  /** A stretch of bytes that lie together in the tensor and in the piece. */
  @FunctionalInterface
  private interface Run {
    void at(long inWhole, long inPiece, long length);
  }

  private void runs(int number, long elementBytes, Run run) {
    List<Long> piece = pieceShape().dimensions();
    int last = lastCut();
    long[] first = new long[piece.size()]; // where the piece begins
    long rest = number;
    for (int i = piece.size() - 1; i >= 0; i--) {
      first[i] = rest % pieces.get(i) * piece.get(i);
      rest /= pieces.get(i);
    }
    long inner = elementBytes; // bytes of one step along the last cut dimension
    for (int i = last + 1; i < piece.size(); i++) inner *= piece.get(i);
    long length = inner * piece.get(last);
    long count = 1;
    for (int i = 0; i < last; i++) count *= piece.get(i);
    for (long at = 0; at < count; at++) {
      long left = at;
      long offset = first[last] * inner;
      long stride = inner * whole.dimensions().get(last);
      for (int i = last - 1; i >= 0; i--) {
        offset += (first[i] + left % piece.get(i)) * stride;
        left /= piece.get(i);
        stride *= whole.dimensions().get(i);
      }
      run.at(offset, at * length, length);
    }
  }
}
