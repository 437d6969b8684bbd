package io.gemlab.tpu.hlo.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.tpu.hlo.proto.AxisRefProto;
import io.gemlab.tpu.hlo.proto.CollectiveDeviceListProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.IotaReplicaGroupListProto;
import io.gemlab.tpu.hlo.proto.MeshAxesReplicaGroupListProto;
import io.gemlab.tpu.hlo.proto.MeshProto;
import io.gemlab.tpu.hlo.proto.ReplicaGroup;
import io.gemlab.tpu.hlo.proto.SourceTarget;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One partition of devices in each form that XLA writes. */
final class DeviceGroupsTest {
  private static final List<List<Integer>> EVEN_AND_ODD = List.of(List.of(0, 2), List.of(1, 3));

  @Test
  void writtenOut() {
    HloInstructionProto.Builder old = HloInstructionProto.newBuilder();
    HloInstructionProto.Builder now = HloInstructionProto.newBuilder();
    for (List<Integer> group : EVEN_AND_ODD) {
      ReplicaGroup.Builder ids = ReplicaGroup.newBuilder();
      group.forEach(ids::addReplicaIds);
      old.addReplicaGroups(ids);
      now.getCollectiveDeviceListBuilder().addReplicaGroups(ids);
    }
    assertEquals(EVEN_AND_ODD, DeviceGroups.of(old.build()));
    assertEquals(EVEN_AND_ODD, DeviceGroups.of(now.build()));
  }

  /** {@code [2,2]<=[2,2]T(1,0)} and {@code [2,2]<=[4]}. */
  @Test
  void countedAndTransposed() {
    IotaReplicaGroupListProto.Builder iota =
        IotaReplicaGroupListProto.newBuilder()
            .setNumReplicaGroups(2)
            .setNumDevicesPerGroup(2)
            .addAllIotaReshapeDims(List.of(2L, 2L))
            .addAllIotaTransposePerm(List.of(1, 0));
    assertEquals(EVEN_AND_ODD, DeviceGroups.of(collective(iota)));
    iota.clearIotaReshapeDims().addIotaReshapeDims(4).clearIotaTransposePerm();
    assertEquals(List.of(List.of(0, 1), List.of(2, 3)), DeviceGroups.of(collective(iota)));
  }

  private static HloInstructionProto collective(IotaReplicaGroupListProto.Builder iota) {
    return HloInstructionProto.newBuilder()
        .setCollectiveDeviceList(
            CollectiveDeviceListProto.newBuilder().setIotaReplicaGroupList(iota))
        .build();
  }

  @Test
  void axesOfAMesh() {
    assertEquals(EVEN_AND_ODD, DeviceGroups.of(along(0, AxisRefProto.newBuilder(), 2, 2)));
    // The outer half of an axis of 4.
    AxisRefProto.Builder outer =
        AxisRefProto.newBuilder()
            .setSubAxisInfo(AxisRefProto.SubAxisInfo.newBuilder().setPreSize(1).setSize(2));
    assertEquals(EVEN_AND_ODD, DeviceGroups.of(along(0, outer, 4)));
    // The inner half.
    outer.getSubAxisInfoBuilder().setPreSize(2);
    assertEquals(List.of(List.of(0, 1), List.of(2, 3)), DeviceGroups.of(along(0, outer, 4)));
  }

  @Test
  void axesOfAMeshWhoseDevicesStandOtherwise() {
    HloInstructionProto.Builder turned = along(1, AxisRefProto.newBuilder(), 2, 2).toBuilder();
    turned
        .getMeshAxesReplicaGroupListBuilder()
        .getMeshBuilder()
        .addAllDeviceIds(List.of(0L, 2L, 1L, 3L));
    assertEquals(EVEN_AND_ODD, DeviceGroups.of(turned.build()));
  }

  private static HloInstructionProto along(int axis, AxisRefProto.Builder reference, int... sizes) {
    MeshProto.Builder mesh = MeshProto.newBuilder();
    for (int size : sizes) mesh.addAxes(MeshProto.MeshAxis.newBuilder().setSize(size));
    return HloInstructionProto.newBuilder()
        .setMeshAxesReplicaGroupList(
            MeshAxesReplicaGroupListProto.newBuilder()
                .setMesh(mesh)
                .addAxes(reference.setMeshAxisIndex(axis)))
        .build();
  }

  @Test
  void sendersAndReceivers() {
    HloInstructionProto permutation =
        HloInstructionProto.newBuilder()
            .addSourceTargetPairs(SourceTarget.newBuilder().setSource(0).setTarget(2))
            .addSourceTargetPairs(SourceTarget.newBuilder().setSource(1).setTarget(3))
            .build();
    assertEquals(EVEN_AND_ODD, DeviceGroups.of(permutation));
  }
}
