package io.gemlab.tpu.pjrt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.tpu.device.Device;
import io.gemlab.tpu.device.DeviceProgram;
import io.gemlab.tpu.device.DeviceState;
import io.gemlab.tpu.device.ProgramSignature;
import io.gemlab.tpu.hlo.proto.HloModuleProto;
import io.gemlab.tpu.hlo.proto.OpSharding;
import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** State on a device and programs over it, on a fake plugin; nothing is left on it. */
final class DeviceTest {
  private static final TensorSpec SUM = spec("sum");
  private static final TensorSpec BY = spec("by");

  private final FakeDevices fake = new FakeDevices();

  @AfterEach
  void nothingIsLeft() {
    assertTrue(fake.alive().isEmpty(), () -> "alive: " + fake.alive());
    fake.close();
  }

  @Test
  void pluginWithoutDeviceIsOneLine() {
    fake.on(
        Function.CLIENT_CREATE,
        a -> {
          throw new FakePlugin.Failure(PjrtError.Code.NOT_FOUND, "no chip\nanywhere");
        });
    InvalidInput none = assertThrows(InvalidInput.class, this::open);
    assertEquals(
        "fake.so has no device to run on here (PJRT_Client_Create: NOT_FOUND: no chip): run on a"
            + " machine with a free device; `gemlab compile` needs none",
        none.getMessage());
  }

  @Test
  void clientWithoutDeviceIsOneLine() {
    fake.on(Function.CLIENT_ADDRESSABLE_DEVICES, a -> a.set("count", 0L));
    InvalidInput none = assertThrows(InvalidInput.class, this::open);
    assertTrue(none.getMessage().contains("its client has none"), none::getMessage);
  }

  @Test
  void saysWhatItIsAndThatOthersAreIdle() {
    try (Device device = open()) {
      assertEquals(
          "The device is a fake device, kind Fake, of platform fake: plugin fake.so, PJRT 0.90."
              + " 1 others of its client were idle.",
          device.described());
    }
  }

  @Test
  void stateStaysAndIsDonated() {
    ProgramSignature adds =
        new ProgramSignature("add", List.of(SUM), List.of(BY), List.of(), List.of("sum"));
    try (Device device = open();
        DeviceProgram program = device.compile(adds, module("add"));
        DeviceState state = new DeviceState(device)) {
      state.assign("sum", vector(1, 2));
      for (int i = 0; i < 3; i++) program.run(state, Map.of("by", vector(10, 20))).close();
      try (HostTensor sum = TensorPiece.join(state.pieces("sum"))) {
        assertArrayEquals(new float[] {31, 62}, sum.floats());
      }
      state.release(List.of("sum", "sum"));
      assertFalse(state.has("sum"));
      assertThrows(
          IllegalStateException.class, () -> program.run(state, Map.of("by", vector(1, 1))));
    }
  }

  @Test
  void resultsComeBack() {
    ProgramSignature adds =
        new ProgramSignature("add", List.of(), List.of(SUM, BY), List.of(spec("y")), List.of());
    try (Device device = open();
        DeviceProgram program = device.compile(adds, module("add"));
        DeviceState state = new DeviceState(device);
        Results results = program.run(state, Map.of("sum", vector(1, 2), "by", vector(3, 4)))) {
      assertArrayEquals(new float[] {4, 6}, results.get("y").floats());
      assertThrows(
          IllegalArgumentException.class, () -> program.run(state, Map.of("sum", vector(1, 2))));
    }
  }

  @Test
  void runThatFailsLeavesNothingBehind() {
    ProgramSignature adds =
        new ProgramSignature("add", List.of(SUM), List.of(BY), List.of(), List.of("sum"));
    for (String failing : List.of("fail", "late")) {
      try (Device device = open();
          DeviceProgram program = device.compile(adds, module(failing));
          DeviceState state = new DeviceState(device)) {
        state.assign("sum", vector(1, 2));
        assertThrows(
            PjrtError.class, () -> program.run(state, Map.of("by", vector(1, 1))), failing);
      }
    }
  }

  @Test
  void tooFewDevicesAreOneLineWithBothNumbers() {
    InvalidInput few = assertThrows(InvalidInput.class, () -> Device.of(fake.open(), List.of(), 3));
    assertEquals(
        "fake.so has 2 devices here and 3 are asked for: run where there are as many, or give a"
            + " smaller mesh (--mesh)",
        few.getMessage());
  }

  @Test
  void stateLiesAsItIsPlaced() {
    try (Device device = Device.of(fake.open(), List.of(), 2);
        DeviceState state = new DeviceState(device)) {
      OpSharding halves =
          OpSharding.newBuilder()
              .setType(OpSharding.Type.OTHER)
              .addTileAssignmentDimensions(2)
              .addTileAssignmentDevices(1)
              .addTileAssignmentDevices(0)
              .build();
      state.place(SUM, halves);
      state.assign("sum", vector(1, 2));
      state.assign("by", vector(3, 4));
      try (HostTensor sum = TensorPiece.join(state.pieces("sum"));
          HostTensor by = TensorPiece.join(state.pieces("by"))) {
        assertArrayEquals(new float[] {1, 2}, sum.floats());
        assertArrayEquals(new float[] {3, 4}, by.floats());
      }
      state.place(SUM, halves);
      OpSharding whole = OpSharding.newBuilder().setType(OpSharding.Type.REPLICATED).build();
      IllegalArgumentException two =
          assertThrows(IllegalArgumentException.class, () -> state.place(SUM, whole));
      assertTrue(two.getMessage().contains("cut it differently"), two::getMessage);
    }
  }

  private Device open() {
    return Device.of(fake.open(), List.of(), 1);
  }

  /** A program of the fake's. */
  private static byte[] module(String name) {
    return HloModuleProto.newBuilder().setName(name).build().toByteArray();
  }

  private static HostTensor vector(float... values) {
    return HostTensor.of(values, values.length);
  }

  private static TensorSpec spec(String name) {
    return new TensorSpec(name, ElementType.F32, TensorShape.of(2));
  }
}
