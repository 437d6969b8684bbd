package io.gemlab.tpu.bundle;

import io.gemlab.graph.base.cluster.Cluster;
import io.gemlab.graph.base.keyvalue.ClusterToken;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.tpu.device.Device;
import io.gemlab.tpu.device.DeviceProgram;
import io.gemlab.tpu.device.DeviceState;
import io.gemlab.tpu.device.HostPlace;
import io.gemlab.tpu.device.ProgramSignature;
import io.gemlab.tpu.hlo.HandMade;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.OpSharding;
import io.gemlab.tpu.hlo.proto.ShapeProto;
import io.gemlab.tpu.pjrt.FakeDevices;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A process of its own with the fake plugin, for one of several hosts: adds a vector that is the
 * same everywhere to one that is cut over the devices of all hosts, and prints what it has.
 */
final class HostProcess {
  private static final TensorSpec SUM = spec("sum", 4);
  private static final TensorSpec BY = spec("by", 4);

  private HostProcess() {}

  /** Takes the cluster, and which host of it this is. */
  public static void main(String[] words) throws Exception {
    Cluster cluster = Cluster.parse(words[0], Integer.parseInt(words[1]));
    ProgramSignature adds =
        new ProgramSignature("add", List.of(SUM), List.of(BY), List.of(), List.of("sum"));
    try (Hosts hosts =
        Hosts.join(
            cluster,
            ClusterToken.ofEnvironment(),
            "an addition",
            System.out::println,
            System.out::println)) {
      add(hosts.place(), adds);
      hosts.finish();
    }
  }

  private static void add(HostPlace place, ProgramSignature adds) {
    try (FakeDevices fake = new FakeDevices();
        Device device =
            Device.of(
                fake.open(),
                PluginKind.nodeOptions(place.number(), place.count()),
                FakeDevices.NUM_DEVICES * place.count(),
                place);
        DeviceProgram program = device.compile(adds, program());
        DeviceState state = new DeviceState(device, List.of(program))) {
      state.assign("sum", HostTensor.of(new float[] {1, 2, 3, 4}, 4));
      HostTensor by = HostTensor.of(new float[] {10, 20, 30, 40}, 4);
      program.run(state, Map.of("by", by)).close();
      System.out.println(device.described());
      for (TensorPiece piece : state.pieces("sum")) {
        try (HostTensor value = piece.read()) {
          System.out.println(piece.place().first() + " " + Arrays.toString(value.floats()));
        }
      }
    }
  }

  /** Both cut in four. */
  private static byte[] program() {
    OpSharding quarters =
        OpSharding.newBuilder()
            .setType(OpSharding.Type.OTHER)
            .addTileAssignmentDimensions(4)
            .addAllTileAssignmentDevices(List.of(0L, 1L, 2L, 3L))
            .build();
    ShapeProto shape = HandMade.f32(4);
    HandMade made = new HandMade();
    HandMade.Computation entry = made.computation();
    HloInstructionProto sum = entry.parameter(shape);
    HloInstructionProto by = entry.parameter(shape);
    entry.op("add", shape, sum, by);
    entry.done();
    return made.module()
        .withShardings(List.of(quarters, quarters), List.of(quarters))
        .toByteArray();
  }

  private static TensorSpec spec(String name, long elements) {
    return new TensorSpec(name, ElementType.F32, TensorShape.of(elements));
  }
}
