package io.gemlab.tpu.mesh;

import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.tpu.hlo.proto.OpSharding;
import io.gemlab.tpu.mesh.Mesh.Axis;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How a tensor is cut over a mesh. Devices that differ only on axes that cut nothing hold the same.
 *
 * @param dimensions for each dimension the axes that cut it, outermost first; none for one that
 *     every device holds whole
 */
public record TensorSharding(List<List<Axis>> dimensions) {
  public TensorSharding {
    dimensions = dimensions.stream().map(List::copyOf).toList();
    List<Axis> used = dimensions.stream().flatMap(List::stream).toList();
    if (used.stream().distinct().count() < used.size()) {
      throw new IllegalArgumentException("an axis can cut one dimension only: " + dimensions);
    }
  }

  /** Every device holds all of it. */
  public static TensorSharding replicated(int rank) {
    return new TensorSharding(Collections.nCopies(rank, List.of()));
  }

  /** This, with one more axis inside the others of a dimension. */
  public TensorSharding cut(int dimension, Axis axis) {
    List<List<Axis>> cut = new ArrayList<>(dimensions);
    List<Axis> axes = new ArrayList<>(cut.get(dimension));
    axes.add(axis);
    cut.set(dimension, axes);
    return new TensorSharding(cut);
  }

  /** This, with what an axis cuts put together. */
  public TensorSharding whole(Axis axis) {
    return new TensorSharding(
        dimensions.stream().map(axes -> axes.stream().filter(a -> a != axis).toList()).toList());
  }

  /** Whether an axis of more than one device cuts it. */
  public boolean isCut(Mesh mesh, Axis axis) {
    return mesh.size(axis) > 1 && dimensions.stream().anyMatch(axes -> axes.contains(axis));
  }

  /**
   * This for each tensor of a stack along a new first dimension, which every device holds whole.
   */
  public TensorSharding stacked() {
    List<List<Axis>> stacked = new ArrayList<>(dimensions);
    stacked.addFirst(List.of());
    return new TensorSharding(stacked);
  }

  /** The number of pieces along a dimension. */
  public int pieces(Mesh mesh, int dimension) {
    return dimensions.get(dimension).stream().map(mesh::size).reduce(1, Math::multiplyExact);
  }

  /** The number of pieces. */
  public int pieces(Mesh mesh) {
    int pieces = 1;
    for (int i = 0; i < dimensions.size(); i++) pieces *= pieces(mesh, i);
    return pieces;
  }

  /** Which of these pieces along a dimension a device holds. */
  public int piece(Mesh mesh, int dimension, int device) {
    int piece = 0;
    for (Axis axis : dimensions.get(dimension)) {
      piece = piece * mesh.size(axis) + mesh.coordinate(device, axis);
    }
    return piece;
  }

  /** Whether the pieces of a tensor of this shape are equal. */
  public boolean divides(Mesh mesh, TensorShape shape) {
    for (int i = 0; i < dimensions.size(); i++) {
      if (shape.dimensions().get(i) % pieces(mesh, i) != 0) return false;
    }
    return true;
  }

  /** The shape of what each device holds. */
  public TensorShape piece(Mesh mesh, TensorShape shape) {
    List<Long> piece = new ArrayList<>();
    for (int i = 0; i < dimensions.size(); i++) {
      piece.add(shape.dimensions().get(i) / pieces(mesh, i));
    }
    return new TensorShape(piece);
  }

  /**
   * As GSPMD takes it: the grid of pieces, and the devices that hold each, piece by piece in
   * row-major order.
   */
  public OpSharding proto(Mesh mesh) {
    int all = 1;
    OpSharding.Builder sharding = OpSharding.newBuilder();
    for (int i = 0; i < dimensions.size(); i++) {
      all *= pieces(mesh, i);
      sharding.addTileAssignmentDimensions(pieces(mesh, i));
    }
    if (all == 1) return OpSharding.newBuilder().setType(OpSharding.Type.REPLICATED).build();
    if (all < mesh.devices()) {
      sharding.addTileAssignmentDimensions(mesh.devices() / all).setReplicateOnLastTileDim(true);
    }
    List<List<Long>> holders = new ArrayList<>();
    for (int i = 0; i < all; i++) holders.add(new ArrayList<>());
    for (int device = 0; device < mesh.devices(); device++) {
      int place = 0;
      for (int i = 0; i < dimensions.size(); i++) {
        place = place * pieces(mesh, i) + piece(mesh, i, device);
      }
      holders.get(place).add((long) device);
    }
    holders.forEach(sharding::addAllTileAssignmentDevices);
    return sharding.setType(OpSharding.Type.OTHER).build();
  }
}
