package io.gemlab.tpu.device;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSlice;
import io.gemlab.tpu.hlo.proto.OpSharding;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
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

  /**
   * A device for each piece that one of them holds: where several hold the same, the first.
   *
   * @param devices those of this host
   */
  Map<Integer, Integer> holders(Collection<Integer> devices) {
    Map<Integer, Integer> holders = new LinkedHashMap<>();
    for (int device : devices) holders.putIfAbsent(held.get(device), device);
    return holders;
  }

  /** Whether these devices hold all of the tensor. */
  boolean areAllOn(Collection<Integer> devices) {
    return holders(devices).size() == new HashSet<>(held).size();
  }

  /** How many devices there are. */
  int devices() {
    return held.size();
  }

  /** What a device is given of the tensor: itself where it is not cut, else a copy. */
  HostTensor cut(HostTensor tensor, int device) {
    TensorSlice slice = slice(held.get(device));
    if (slice.shape().equals(whole)) return tensor;
    HostTensor piece = HostTensor.zeros(tensor.type(), slice.shape());
    long bytes = tensor.type().byteSize();
    slice.runs(
        (inWhole, inPiece, elements) ->
            MemorySegment.copy(
                tensor.data(), inWhole * bytes, piece.data(), inPiece * bytes, elements * bytes));
    return piece;
  }

  /**
   * The pieces that these devices hold, each once.
   *
   * @param piece gives that of a device
   */
  List<TensorPiece> pieces(Collection<Integer> devices, IntFunction<HostTensor> piece) {
    List<TensorPiece> all = new ArrayList<>();
    holders(devices)
        .forEach(
            (number, device) -> all.add(new TensorPiece(slice(number), () -> piece.apply(device))));
    return all;
  }

  private TensorSlice slice(int number) {
    Long[] first = new Long[pieces.size()];
    List<Long> shape = new ArrayList<>();
    for (int i = 0; i < first.length; i++) shape.add(whole.dimensions().get(i) / pieces.get(i));
    long rest = number;
    for (int i = first.length - 1; i >= 0; i--) {
      first[i] = rest % pieces.get(i) * shape.get(i);
      rest /= pieces.get(i);
    }
    return new TensorSlice(whole, List.of(first), new TensorShape(shape));
  }
}
