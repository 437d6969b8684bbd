package io.gemlab.tpu.pjrt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.tpu.pjrt.PjrtError.Code;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Buffers, runs, donation, events and errors, on a fake plugin. */
final class PjrtClientTest {
  private static final NamedValue OPTION = new NamedValue.Real("memory_fraction", 0.5f);

  private final FakeDevices fake = new FakeDevices();
  private final PjrtClient client = fake.open().client(List.of(OPTION));
  private final PjrtDevice device = client.devices().getFirst();

  /** Whatever a test opened, it has closed; and the binding has closed its own. */
  @AfterEach
  void nothingIsLeft() {
    client.close();
    assertTrue(fake.alive().isEmpty(), () -> "alive: " + fake.alive());
    fake.close();
  }

  @Test
  void clientPassesOptionsAndListsDevices() {
    assertEquals(List.of(OPTION), fake.clientOptions);
    assertEquals("fake", client.platformName());
    assertEquals(List.of(0, 1), client.devices().stream().map(d -> d.description().id()).toList());
    assertEquals("Fake", device.description().kind());
    assertEquals("a fake device", device.description().text());
    assertEquals(OptionalLong.of(1L << 34), device.description().memoryLimit());
  }

  @Test
  void tensorGoesThereAndBack() {
    HostTensor tensor = HostTensor.of(new int[][] {{1, 2, 3}, {4, 5, 6}});
    try (PjrtBuffer buffer = client.toDevice(tensor, device)) {
      assertEquals(ElementType.I32, buffer.type());
      assertEquals(TensorShape.of(2, 3), buffer.shape());
      assertArrayEquals(tensor.ints(), buffer.toHost().ints());
    }
  }

  @Test
  void tensorMayBeClosedOnceItIsOnTheDevice() {
    Arena arena = Arena.ofShared();
    MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2);
    HostTensor tensor = new HostTensor(ElementType.F32, TensorShape.of(2), data, arena::close);
    PjrtBuffer buffer = client.toDevice(tensor, device);
    tensor.close();
    assertArrayEquals(new float[] {1, 2}, buffer.toHost().floats());
    buffer.close();
  }

  @Test
  void scalarAndEmptyTensorAndBfloat16Pass() {
    HostTensor bfloat16 = HostTensor.zeros(ElementType.BF16, TensorShape.of(3));
    bfloat16.data().set(ValueLayout.JAVA_SHORT, 2, (short) 0x3f80);
    for (HostTensor tensor :
        List.of(
            HostTensor.scalar(7),
            HostTensor.zeros(ElementType.F32, TensorShape.of(0, 3)),
            bfloat16)) {
      try (PjrtBuffer buffer = client.toDevice(tensor, device)) {
        HostTensor back = buffer.toHost();
        assertEquals(tensor.toString(), back.toString());
        assertEquals(-1, tensor.data().mismatch(back.data()));
      }
    }
  }

  @Test
  void aliasedArgumentIsDonated() {
    try (PjrtLoadedExecutable add = compile("add");
        PjrtBuffer a = vector(1, 2);
        PjrtBuffer b = vector(10, 20)) {
      assertArrayEquals(new float[] {11, 22}, result(add, a, b, Set.of()));
      assertTrue(a.isDonated());
      assertFalse(b.isDonated());
      PjrtError again = assertThrows(PjrtError.class, () -> run(add, a, b, Set.of()));
      assertEquals(Code.INVALID_ARGUMENT, again.code());
      assertThrows(PjrtError.class, a::toHost);
    }
  }

  @Test
  void keptArgumentIsNotDonated() {
    try (PjrtLoadedExecutable add = compile("add");
        PjrtBuffer a = vector(1, 2);
        PjrtBuffer b = vector(10, 20)) {
      assertArrayEquals(new float[] {11, 22}, result(add, a, b, Set.of(0)));
      assertFalse(a.isDonated());
      assertArrayEquals(new float[] {1, 2}, a.toHost().floats());
    }
  }

  @Test
  void resultIsPassedOnBeforeItIsThere() {
    try (PjrtLoadedExecutable add = compile("add");
        PjrtBuffer a = vector(1, 2);
        PjrtBuffer b = vector(10, 20);
        PjrtExecution first = run(add, a, b, Set.of())) {
      assertFalse(first.complete().getFirst().isReady());
      try (PjrtBuffer state = first.outputs().getFirst().getFirst()) {
        assertArrayEquals(new float[] {21, 42}, result(add, state, b, Set.of(0)));
      }
    }
  }

  @Test
  void eventSaysWhenRunIsDone() {
    try (PjrtLoadedExecutable add = compile("add");
        PjrtBuffer a = vector(1);
        PjrtBuffer b = vector(2);
        PjrtExecution run = run(add, a, b, Set.of())) {
      PjrtEvent complete = run.complete().getFirst();
      assertFalse(complete.isReady());
      run.await();
      assertTrue(complete.isReady());
      run.outputs().getFirst().getFirst().close();
    }
  }

  @Test
  void eachDeviceGetsItsArguments() {
    try (PjrtLoadedExecutable add = compile("add");
        PjrtBuffer a0 = vector(1);
        PjrtBuffer a1 = vector(2);
        PjrtBuffer b0 = vector(10);
        PjrtBuffer b1 = vector(20);
        PjrtExecution run = add.execute(List.of(List.of(a0, b0), List.of(a1, b1)), Set.of())) {
      assertEquals(2, add.devices().size());
      assertEquals(2, run.complete().size());
      try (PjrtBuffer first = run.outputs().get(0).getFirst();
          PjrtBuffer second = run.outputs().get(1).getFirst()) {
        assertArrayEquals(new float[] {11}, first.toHost().floats());
        assertArrayEquals(new float[] {22}, second.toHost().floats());
      }
    }
  }

  @Test
  void devicesMustAgreeOnNumberOfArguments() {
    try (PjrtLoadedExecutable add = compile("add");
        PjrtBuffer a = vector(1)) {
      assertThrows(
          IllegalArgumentException.class,
          () -> add.execute(List.of(List.of(a, a), List.of(a)), Set.of()));
    }
  }

  @Test
  void runThatCannotStartThrows() {
    try (PjrtLoadedExecutable fail = compile("fail");
        PjrtBuffer a = vector(1)) {
      PjrtError error = assertThrows(PjrtError.class, () -> run(fail, a, a, Set.of()));
      assertEquals(Code.INTERNAL, error.code());
      assertEquals("PJRT_LoadedExecutable_Execute: INTERNAL: no core", error.getMessage());
    }
  }

  @Test
  void runThatFailsLaterFailsItsEvent() {
    try (PjrtLoadedExecutable late = compile("late");
        PjrtBuffer a = vector(1);
        PjrtExecution run = run(late, a, a, Set.of())) {
      assertEquals(Code.DATA_LOSS, assertThrows(PjrtError.class, run::await).code());
      run.outputs().getFirst().getFirst().close();
    }
  }

  @Test
  void runThatFailsLaterFailsItsOutputs() {
    try (PjrtLoadedExecutable late = compile("late");
        PjrtBuffer a = vector(1);
        PjrtExecution run = run(late, a, a, Set.of());
        PjrtBuffer output = run.outputs().getFirst().getFirst()) {
      assertEquals(Code.DATA_LOSS, assertThrows(PjrtError.class, output::toHost).code());
    }
  }

  @Test
  void serializedExecutableIsLoaded() {
    try (PjrtLoadedExecutable add = client.load("add".getBytes(StandardCharsets.UTF_8));
        PjrtBuffer a = vector(1);
        PjrtBuffer b = vector(2)) {
      assertArrayEquals(new float[] {3}, result(add, a, b, Set.of()));
    }
  }

  @Test
  void closedBufferIsNotUsed() {
    PjrtBuffer buffer = vector(1);
    buffer.close();
    buffer.close();
    assertEquals(
        "used after PJRT_Buffer_Destroy",
        assertThrows(IllegalStateException.class, buffer::toHost).getMessage());
  }

  private PjrtLoadedExecutable compile(String program) {
    return client.compile(program.getBytes(StandardCharsets.UTF_8), CompileOptions.partitioned(1));
  }

  private PjrtBuffer vector(float... values) {
    return client.toDevice(HostTensor.of(values, values.length), device);
  }

  private static PjrtExecution run(
      PjrtLoadedExecutable program, PjrtBuffer a, PjrtBuffer b, Set<Integer> kept) {
    return program.execute(List.of(List.of(a, b)), kept);
  }

  private static float[] result(
      PjrtLoadedExecutable program, PjrtBuffer a, PjrtBuffer b, Set<Integer> kept) {
    try (PjrtExecution run = run(program, a, b, kept);
        PjrtBuffer output = run.outputs().getFirst().getFirst()) {
      return output.toHost().floats();
    }
  }
}
