package io.gemlab.graph.base.checkpoint;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSlice;
import io.gemlab.graph.base.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsWriterTest {
  private static final Float32Stream ZEROS = target -> target.fill((byte) 0);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"ckpt_f32/model.safetensors", "ckpt_bf16/model.safetensors"})
  void writesHuggingFacesFilesByteForByte(String name) throws IOException {
    Path copy = folder.resolve("copy.safetensors");
    try (SafetensorsFile original = SafetensorsFile.open(golden(name))) {
      List<TensorToWrite> tensors = new ArrayList<>();
      for (TensorInfo info : original.tensors().values()) {
        Float32Tensor values = Float32Tensor.of(info.type(), original.segment(info.name()));
        tensors.add(new TensorToWrite(info.name(), info.type(), info.shape(), values.stream()));
      }
      Collections.shuffle(tensors, new Random(1));
      SafetensorsWriter.write(copy, tensors, original.metadata());
    }
    assertEquals(-1, Files.mismatch(golden(name), copy));
  }

  /** Names, shapes, types and values drawn at random come back as they went. */
  @Test
  void whatIsWrittenIsRead() throws IOException {
    Random random = new Random(7);
    for (int round = 0; round < 100; round++) {
      Path file = folder.resolve("random.safetensors");
      try (Arena arena = Arena.ofConfined()) {
        List<TensorToWrite> tensors = new ArrayList<>();
        List<MemorySegment> values = new ArrayList<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
          TensorShape shape =
              new TensorShape(
                  Stream.generate(() -> (long) random.nextInt(6))
                      .limit(random.nextInt(4))
                      .toList());
          ElementType type = FloatConversion.STORED.get(random.nextInt(3));
          MemorySegment segment = randomFloats(arena, shape, random);
          values.add(segment);
          String name = "t\"\\\né😀" + i;
          tensors.add(new TensorToWrite(name, type, shape, Float32Tensor.of(segment).stream()));
        }
        Map<String, String> metadata = random.nextBoolean() ? Map.of("ключ", "\n\"😀") : Map.of();
        SafetensorsWriter.write(file, tensors, metadata);
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
          assertEquals(metadata, read.metadata());
          assertEquals(tensors.size(), read.tensors().size());
          for (int i = 0; i < tensors.size(); i++) {
            TensorToWrite tensor = tensors.get(i);
            assertEquals(tensor.shape(), read.tensor(tensor.name()).shape());
            MemorySegment stored = arena.allocate(tensor.byteSize());
            FloatConversion.fromFloat32(tensor.type(), values.get(i), stored);
            assertEquals(-1, stored.mismatch(read.segment(tensor.name())));
          }
        }
      }
    }
  }

  /** Random bits, signalling NaN among them; more than a buffer of the widest type. */
  @Test
  void storesATensorOfAnyTypeBitForBit() {
    Random random = new Random(3);
    Map<String, HostTensor> values = new HashMap<>();
    for (ElementType type : ElementType.values()) {
      long elements = type == ElementType.F64 ? (1 << 20) + 7 : 1001;
      byte[] bytes = new byte[Math.toIntExact(elements * type.byteSize())];
      random.nextBytes(bytes);
      HostTensor value = HostTensor.zeros(type, TensorShape.of(elements));
      value.data().copyFrom(MemorySegment.ofArray(bytes));
      values.put(type.name(), value);
    }
    Path file = folder.resolve("exact.safetensors");
    List<TensorToWrite> tensors = new ArrayList<>();
    values.forEach((name, value) -> tensors.add(TensorToWrite.exactly(name, value)));
    SafetensorsWriter.write(file, tensors, Map.of());
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      values.forEach(
          (name, value) -> {
            assertEquals(value.type(), read.tensor(name).type());
            assertEquals(value.shape(), read.tensor(name).shape());
            assertEquals(-1, value.data().mismatch(read.segment(name)), name);
          });
    }
  }

  /**
   * Stacks cut along any dimensions: every piece is read once, one is open at a time, and none is
   * larger than its share.
   */
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 2, 2", "1, 1, 3", "3, 1, 1", "3, 2, 3"})
  void piecesAreWrittenToTheirPlaces(int layers, int rows, int columns) {
    TensorShape shape = TensorShape.of(3, 4, 6);
    HostTensor stack = HostTensor.of(randomFloats(72), 3, 4, 6);
    Reading reading = new Reading();
    List<TensorPiece> pieces = reading.pieces(stack, layers, rows, columns);
    List<TensorSpec> specs = new ArrayList<>();
    for (String layer : List.of("t.9", "t.10", "t.11")) {
      specs.add(new TensorSpec(layer, ElementType.BF16, shape.unstacked()));
    }
    List<TensorToWrite> tensors = new ArrayList<>(TensorToWrite.unstacked(specs, pieces));
    tensors.add(TensorToWrite.of(new TensorSpec("all", ElementType.F32, shape), pieces));
    Path file = folder.resolve("pieces.safetensors");
    SafetensorsWriter.write(file, tensors, Map.of());

    assertEquals(2 * pieces.size(), reading.read);
    assertEquals(0, reading.open);
    assertEquals(72 * 4 / (layers * rows * columns), reading.largest);
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertEquals(-1, stack.data().mismatch(read.segment("all")));
      for (int i = 0; i < specs.size(); i++) {
        MemorySegment stored = Arena.ofAuto().allocate(24 * 2);
        FloatConversion.fromFloat32(ElementType.BF16, stack.data().asSlice(i * 96L, 96), stored);
        assertEquals(-1, stored.mismatch(read.segment(specs.get(i).name())));
      }
    }
  }

  /** Cuts a tensor, and watches how the pieces are read. */
  private static final class Reading {
    private int read;
    private int open;
    private long largest;

    List<TensorPiece> pieces(HostTensor whole, int... grid) {
      List<TensorPiece> pieces = new ArrayList<>();
      long[] shape = whole.shape().toArray();
      for (int i = 0; i < 3; i++) shape[i] /= grid[i];
      for (long layer = 0; layer < grid[0]; layer++) {
        for (long row = 0; row < grid[1]; row++) {
          for (long column = 0; column < grid[2]; column++) {
            TensorSlice place =
                new TensorSlice(
                    whole.shape(),
                    List.of(layer * shape[0], row * shape[1], column * shape[2]),
                    TensorShape.of(shape));
            pieces.add(new TensorPiece(place, () -> read(whole, place)));
          }
        }
      }
      return pieces;
    }

    private HostTensor read(HostTensor whole, TensorSlice place) {
      assertEquals(0, open++);
      read++;
      HostTensor piece = HostTensor.zeros(whole.type(), place.shape());
      largest = Math.max(largest, piece.data().byteSize());
      long at = 0;
      for (long i = 0; i < whole.shape().elements(); i++) {
        List<Long> where = whole.shape().coordinates(i);
        boolean inside = true;
        for (int d = 0; d < where.size(); d++) {
          long index = where.get(d) - place.first().get(d);
          inside &= index >= 0 && index < place.shape().dimensions().get(d);
        }
        if (inside) piece.data().asSlice(4 * at++, 4).copyFrom(whole.data().asSlice(4 * i, 4));
      }
      return new HostTensor(piece.type(), piece.shape(), piece.data(), () -> open--);
    }
  }

  private static float[] randomFloats(int count) {
    Random random = new Random(5);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) values[i] = (float) random.nextGaussian();
    return values;
  }

  private static MemorySegment randomFloats(Arena arena, TensorShape shape, Random random) {
    MemorySegment segment = arena.allocate(TensorInfo.byteSize(ElementType.F32, shape), 4);
    for (long i = 0; i < segment.byteSize() / 4; i++) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, Float.intBitsToFloat(random.nextInt()));
    }
    return segment;
  }

  /** A tensor of three and a half buffers: every value is asked for once, in ascending order. */
  @Test
  void streamsATensorInPieces() {
    long elements = (7L << 20) / 2;
    List<Long> pieces = new ArrayList<>();
    Float32Tensor counting =
        (first, target) -> {
          pieces.add(first);
          for (long i = 0; i < target.byteSize() / 4; i++) {
            target.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (first + i));
          }
        };
    Path file = folder.resolve("large.safetensors");
    TensorToWrite tensor =
        new TensorToWrite("t", ElementType.F32, TensorShape.of(elements), counting.stream());
    SafetensorsWriter.write(file, List.of(tensor), Map.of());
    assertEquals(List.of(0L, 1L << 20, 2L << 20, 3L << 20), pieces);
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      MemorySegment segment = read.segment("t");
      for (long i = 0; i < elements; i += 4093) {
        assertEquals((float) i, segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i));
      }
    }
  }

  @Test
  void leavesNothingBehindWhenASourceFails() throws IOException {
    Path file = Files.writeString(folder.resolve("model.safetensors"), "what was there");
    Float32Stream failing =
        target -> {
          throw new IllegalStateException("the device is gone");
        };
    List<TensorToWrite> tensors =
        List.of(
            new TensorToWrite("a", ElementType.F32, TensorShape.of(9), ZEROS),
            new TensorToWrite("b", ElementType.F32, TensorShape.of(9), failing));
    assertThrows(
        IllegalStateException.class, () -> SafetensorsWriter.write(file, tensors, Map.of()));
    assertEquals("what was there", Files.readString(file));
    assertArrayEquals(new String[] {"model.safetensors"}, folder.toFile().list());
  }

  /** What goes wrong on the thread that writes is met by who fills the buffers. */
  @Test
  void leavesNothingBehindWhenItCanNotBeWritten() throws IOException {
    TensorShape shape = new TensorShape(List.of(20_000_000L));
    List<TensorToWrite> tensors =
        List.of(new TensorToWrite("zeros", ElementType.BF16, shape, ZEROS));
    IllegalStateException failure =
        assertThrows(
            IllegalStateException.class,
            () ->
                SafetensorsWriter.write(
                    folder.resolve("broken.safetensors"),
                    tensors,
                    Map.of(),
                    _ -> {
                      throw new IllegalStateException("no room");
                    }));
    assertEquals("no room", failure.getMessage());
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void showsAllThatIsWrittenInOrder() throws IOException {
    Path file = folder.resolve("seen.safetensors");
    TensorShape shape = new TensorShape(List.of(3_000_001L));
    int[] made = {0};
    Float32Stream counting =
        target -> {
          for (long i = 0; i < target.byteSize(); i += Float.BYTES) {
            target.set(ValueLayout.JAVA_FLOAT, i, made[0]++);
          }
        };
    Sha256.Pieces seen = new Sha256.Pieces();
    SafetensorsWriter.write(
        file,
        List.of(new TensorToWrite("counting", ElementType.F32, shape, counting)),
        Map.of(),
        seen::add);
    assertEquals(Sha256.of(file), seen.hex());
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      MemorySegment values = read.segment("counting");
      assertEquals(
          3_000_000, values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, values.byteSize() - Float.BYTES));
    }
  }

  @Test
  void saysWhereItCouldNotWrite() throws IOException {
    Path file = Files.createFile(folder.resolve("no-folder")).resolve("model.safetensors");
    UncheckedIOException e =
        assertThrows(
            UncheckedIOException.class, () -> SafetensorsWriter.write(file, List.of(), Map.of()));
    assertEquals("Writing " + file, e.getMessage());
  }

  @Test
  void refusesTensorsThatNoFileCanHold() {
    TensorToWrite a = new TensorToWrite("a", ElementType.F32, TensorShape.of(1), ZEROS);
    Path file = folder.resolve("a.safetensors");
    assertThrows(
        IllegalArgumentException.class,
        () -> SafetensorsWriter.write(file, List.of(a, a), Map.of()));
    assertThrows(
        IllegalArgumentException.class,
        () -> new TensorToWrite("a", ElementType.I64, TensorShape.of(1), ZEROS));
    assertThrows(
        IllegalArgumentException.class,
        () -> new TensorToWrite("__metadata__", ElementType.F32, TensorShape.of(1), ZEROS));
  }
}
