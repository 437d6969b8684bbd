package io.gemlab.tpu.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.tpu.hlo.proto.OpSharding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tensors cut and put together again. */
class ShardsTest {
  private static final OpSharding REPLICATED =
      OpSharding.newBuilder().setType(OpSharding.Type.REPLICATED).build();

  /** A grid of pieces and who holds them, one after the other. */
  private static OpSharding tiled(boolean copies, List<Long> grid, long... holders) {
    OpSharding.Builder sharding =
        OpSharding.newBuilder()
            .setType(OpSharding.Type.OTHER)
            .addAllTileAssignmentDimensions(grid)
            .setReplicateOnLastTileDim(copies);
    for (long holder : holders) sharding.addTileAssignmentDevices(holder);
    return sharding.build();
  }

  private static HostTensor counted(long... shape) {
    int count = Math.toIntExact(TensorShape.of(shape).elements());
    return HostTensor.of(IntStream.range(0, count).toArray(), shape);
  }

  @Test
  void columnsOfAMatrix() {
    Shards shards = Shards.of(tiled(false, List.of(1L, 2L), 1, 0), TensorShape.of(3, 4), 2);
    HostTensor matrix = counted(3, 4);
    assertArrayEquals(new int[] {2, 3, 6, 7, 10, 11}, shards.cut(matrix, 0).ints());
    assertArrayEquals(new int[] {0, 1, 4, 5, 8, 9}, shards.cut(matrix, 1).ints());
    assertEquals(TensorShape.of(3, 2), shards.cut(matrix, 0).shape());
  }

  @Test
  void rowsHeldTwice() {
    Shards shards =
        Shards.of(tiled(true, List.of(2L, 1L, 2L), 0, 2, 1, 3), TensorShape.of(4, 2), 4);
    HostTensor matrix = counted(4, 2);
    for (int device : new int[] {0, 2}) {
      assertArrayEquals(new int[] {0, 1, 2, 3}, shards.cut(matrix, device).ints());
    }
    for (int device : new int[] {1, 3}) {
      assertArrayEquals(new int[] {4, 5, 6, 7}, shards.cut(matrix, device).ints());
    }
  }

  /** Each piece is asked for once, and closed. */
  @Test
  void joiningReadsEachPieceOnce() {
    Shards shards =
        Shards.of(tiled(true, List.of(2L, 1L, 2L), 0, 2, 1, 3), TensorShape.of(4, 2), 4);
    HostTensor matrix = counted(4, 2);
    List<Integer> asked = new ArrayList<>();
    int[] closed = {0};
    try (HostTensor joined =
        TensorPiece.join(
            shards.pieces(
                List.of(0, 1, 2, 3),
                device -> {
                  asked.add(device);
                  HostTensor piece = shards.cut(matrix, device);
                  return new HostTensor(
                      piece.type(), piece.shape(), piece.data(), () -> closed[0]++);
                }))) {
      assertArrayEquals(matrix.ints(), joined.ints());
    }
    assertEquals(List.of(0, 1), asked);
    assertEquals(2, closed[0]);
  }

  @Test
  void wholeTensorsAreHandedOn() {
    Shards shards = Shards.of(REPLICATED, TensorShape.of(2, 2), 3);
    HostTensor matrix = counted(2, 2);
    for (int device = 0; device < 3; device++) assertSame(matrix, shards.cut(matrix, device));
    assertSame(matrix, TensorPiece.join(shards.pieces(List.of(0, 1, 2), device -> matrix)));
    assertEquals(0, Shards.whole(TensorShape.of(), 1).whole().rank());
  }

  @Test
  void anyGridOfAnyTensorJoinsToWhatWasCut() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 200; i++) {
      int rank = random.nextInt(1, 5);
      List<Long> grid = new ArrayList<>();
      long[] shape = new long[rank];
      int pieces = 1;
      for (int d = 0; d < rank; d++) {
        grid.add(random.nextLong(1, 4));
        shape[d] = grid.get(d) * random.nextLong(1, 4);
        pieces *= grid.get(d);
      }
      int copies = random.nextInt(1, 3);
      if (copies > 1) grid.add((long) copies);
      List<Integer> order = new ArrayList<>(IntStream.range(0, pieces * copies).boxed().toList());
      Collections.shuffle(order, new Random(i));
      long[] holders = order.stream().mapToLong(Integer::longValue).toArray();
      if (holders.length == 1) continue;
      Shards shards =
          Shards.of(tiled(copies > 1, grid, holders), TensorShape.of(shape), holders.length);
      HostTensor whole = counted(shape);
      List<Integer> all = IntStream.range(0, holders.length).boxed().toList();
      HostTensor joined = TensorPiece.join(shards.pieces(all, device -> shards.cut(whole, device)));
      assertArrayEquals(whole.ints(), joined.ints(), () -> shards.toString());
    }
  }

  /** Two hosts of two devices: each row's columns lie on one of them. */
  @Test
  void aHostHasThePiecesOfItsDevices() {
    Shards rows = Shards.of(tiled(true, List.of(2L, 1L, 2L), 0, 1, 2, 3), TensorShape.of(4, 2), 4);
    HostTensor matrix = counted(4, 2);
    List<TensorPiece> second = rows.pieces(List.of(2, 3), device -> rows.cut(matrix, device));
    assertEquals(List.of(List.of(2L, 0L)), second.stream().map(p -> p.place().first()).toList());
    assertArrayEquals(new int[] {4, 5, 6, 7}, second.getFirst().read().ints());
    assertFalse(rows.areAllOn(List.of(2, 3)));
    assertTrue(rows.areAllOn(List.of(1, 2)));
    assertTrue(Shards.whole(TensorShape.of(4, 2), 4).areAllOn(List.of(3)));
  }

  @Test
  void whatCannotBeFollowedIsRefused() {
    TensorShape shape = TensorShape.of(3, 4);
    OpSharding maximal = OpSharding.newBuilder().setType(OpSharding.Type.MAXIMAL).build();
    OpSharding uneven = tiled(false, List.of(2L, 1L), 0, 1);
    OpSharding three = tiled(false, List.of(3L, 1L), 0, 1, 2);
    for (OpSharding sharding : List.of(maximal, uneven, three)) {
      assertThrows(IllegalArgumentException.class, () -> Shards.of(sharding, shape, 2));
    }
  }
}
