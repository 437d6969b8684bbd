package io.gemlab.tpu.hlo.cost;

import io.gemlab.tpu.hlo.proto.AxisRefProto;
import io.gemlab.tpu.hlo.proto.CollectiveDeviceListProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.IotaReplicaGroupListProto;
import io.gemlab.tpu.hlo.proto.MeshAxesReplicaGroupListProto;
import io.gemlab.tpu.hlo.proto.MeshProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Which devices exchange data in a collective: groups of partition numbers, in whichever of XLA's
 * three forms it names them. A permutation's groups are its pairs of sender and receiver.
 */
final class DeviceGroups {
  private DeviceGroups() {}

  /** The groups; none where all devices are one. */
  static List<List<Integer>> of(HloInstructionProto collective) {
    if (collective.getSourceTargetPairsCount() > 0) {
      return collective.getSourceTargetPairsList().stream()
          .map(pair -> List.of((int) pair.getSource(), (int) pair.getTarget()))
          .toList();
    }
    if (collective.hasMeshAxesReplicaGroupList()) {
      return ofAxes(collective.getMeshAxesReplicaGroupList());
    }
    CollectiveDeviceListProto list = collective.getCollectiveDeviceList();
    if (list.hasIotaReplicaGroupList()) return ofIota(list.getIotaReplicaGroupList());
    return (list.getReplicaGroupsCount() > 0
            ? list.getReplicaGroupsList()
            : collective.getReplicaGroupsList())
        .stream().map(group -> integers(group.getReplicaIdsList())).toList();
  }

  /** A count of all devices, reshaped, transposed, and cut into groups in the order that leaves. */
  private static List<List<Integer>> ofIota(IotaReplicaGroupListProto iota) {
    long[] dimensions = longs(iota.getIotaReshapeDimsList());
    int[] order = iota.getIotaTransposePermList().stream().mapToInt(Integer::intValue).toArray();
    if (order.length == 0)
      order = LongStream.range(0, dimensions.length).mapToInt(i -> (int) i).toArray();
    int size = (int) iota.getNumDevicesPerGroup();
    long[] transposed = new long[order.length];
    for (int i = 0; i < order.length; i++) transposed[i] = dimensions[order[i]];
    List<List<Integer>> groups = new ArrayList<>();
    for (int place = 0; place < iota.getNumReplicaGroups() * size; place++) {
      if (place % size == 0) groups.add(new ArrayList<>());
      long[] at = coordinates(place, transposed);
      long[] from = new long[order.length];
      for (int i = 0; i < order.length; i++) from[order[i]] = at[i];
      groups.getLast().add((int) number(from, dimensions));
    }
    return groups;
  }

  /** Devices that differ on the named axes only are together. */
  private static List<List<Integer>> ofAxes(MeshAxesReplicaGroupListProto named) {
    MeshProto mesh = named.getMesh();
    long[] sizes = mesh.getAxesList().stream().mapToLong(MeshProto.MeshAxis::getSize).toArray();
    int devices = (int) LongStream.of(sizes).reduce(1, Math::multiplyExact);
    Map<List<Long>, List<Integer>> groups = new LinkedHashMap<>();
    for (int place = 0; place < devices; place++) {
      long[] rest = coordinates(place, sizes);
      for (AxisRefProto axis : named.getAxesList()) {
        int index = (int) axis.getMeshAxisIndex();
        rest[index] = without(axis, rest[index], sizes[index]);
      }
      int device = mesh.getDeviceIdsCount() > 0 ? (int) mesh.getDeviceIds(place) : place;
      groups
          .computeIfAbsent(LongStream.of(rest).boxed().toList(), any -> new ArrayList<>())
          .add(device);
    }
    return List.copyOf(groups.values());
  }

  /** A coordinate with the piece that an axis names put to 0. */
  private static long without(AxisRefProto axis, long coordinate, long size) {
    if (!axis.hasSubAxisInfo()) return 0;
    AxisRefProto.SubAxisInfo piece = axis.getSubAxisInfo();
    long inner = size / (piece.getPreSize() * piece.getSize());
    return coordinate / (inner * piece.getSize()) * inner * piece.getSize() + coordinate % inner;
  }

  private static long[] coordinates(long place, long[] sizes) {
    long[] at = new long[sizes.length];
    long rest = place;
    for (int i = sizes.length - 1; i >= 0; i--) {
      at[i] = rest % sizes[i];
      rest /= sizes[i];
    }
    return at;
  }

  private static long number(long[] at, long[] sizes) {
    long number = 0;
    for (int i = 0; i < sizes.length; i++) number = number * sizes[i] + at[i];
    return number;
  }

  private static long[] longs(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  private static List<Integer> integers(List<Long> values) {
    return values.stream().map(Math::toIntExact).collect(Collectors.toList());
  }
}
