package io.gemlab.graph.base.checkpoint;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.ops.Bfloat16;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {
  @TempDir Path folder;

  @Test
  void readsAFileOfHuggingFace() {
    try (SafetensorsFile file = SafetensorsFile.open(golden("A.safetensors"))) {
      assertEquals(
          List.of("gen_ids", "input_ids", "prompt_ids", "attn.layer0.ex0"),
          file.tensors().keySet().stream().limit(4).toList());
      assertEquals(
          new TensorInfo("input_ids", ElementType.I64, TensorShape.of(2, 24), 1008 + 256, 384),
          file.tensor("input_ids"));
      assertEquals(2, file.segment("input_ids").get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
      assertEquals(488, file.segment("input_ids").get(ValueLayout.JAVA_LONG_UNALIGNED, 8));
      assertTrue(file.segment("logits").isReadOnly());
      assertEquals(Map.of(), file.metadata());
    }
    try (SafetensorsFile file = SafetensorsFile.open(golden("ckpt_f32/model.safetensors"))) {
      assertEquals(Map.of("format", "pt"), file.metadata());
    }
  }

  @Test
  void readsBfloat16AsTheFloat32ItWasRoundedFrom() {
    try (SafetensorsFile full = SafetensorsFile.open(golden("ckpt_f32/model.safetensors"));
        SafetensorsFile half = SafetensorsFile.open(golden("ckpt_bf16/model.safetensors"));
        Arena arena = Arena.ofConfined()) {
      for (TensorInfo tensor : half.tensors().values()) {
        MemorySegment wide = arena.allocate(tensor.elements() * 4);
        half.readFloat32(tensor.name(), wide);
        MemorySegment exact = full.segment(tensor.name());
        for (long i = 0; i < tensor.elements(); i++) {
          float value = exact.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i);
          float rounded = Bfloat16.toFloat(Bfloat16.fromFloat(value));
          assertEquals(rounded, wide.getAtIndex(ValueLayout.JAVA_FLOAT, i), tensor.name());
        }
      }
    }
  }

  @Test
  void refusesAnAbsentTensorAndIntegersAsWeights() {
    try (SafetensorsFile file = SafetensorsFile.open(golden("A.safetensors"));
        Arena arena = Arena.ofConfined()) {
      assertRefusal("no tensor \"nope\"", () -> file.segment("nope"));
      assertRefusal("holds I64", () -> file.readFloat32("input_ids", arena.allocate(192)));
    }
  }

  @Test
  void aClosedFileGivesNothing() {
    SafetensorsFile file = SafetensorsFile.open(golden("A.safetensors"));
    MemorySegment logits = file.segment("logits");
    file.close();
    file.close();
    assertThrows(IllegalStateException.class, () -> logits.get(ValueLayout.JAVA_BYTE, 0));
    assertThrows(IllegalStateException.class, () -> file.segment("logits"));
    SafetensorsFile neverMapped = SafetensorsFile.open(golden("A.safetensors"));
    neverMapped.close();
    assertThrows(IllegalStateException.class, () -> neverMapped.segment("logits"));
  }

  @Test
  void seesThatAFileChangedBeforeItWasMapped() throws IOException {
    Path copy = Files.copy(golden("B.safetensors"), folder.resolve("b.safetensors"));
    try (SafetensorsFile file = SafetensorsFile.open(copy)) {
      try (RandomAccessFile raw = new RandomAccessFile(copy.toFile(), "rw")) {
        raw.setLength(raw.length() - 1);
      }
      assertRefusal("let its writer finish", () -> file.segment("logits"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // JSON and structure; every file has 16 bytes of data
        "'  ' | where an object",
        "[] | where an object",
        "{\"a\" | not valid JSON",
        "{\"a\":1} | where an object",
        "{\"a\":[[[[[[1]]]]]]} | where an object",
        "{\"a\":{\"dtype\":{\"b\":{\"c\":{\"d\":{\"e\":1}}}}}} | where a text",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[[[[4]]]],\"data_offsets\":[0,16]}} | integer",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4]}} | lacks [data_offsets]",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16],\"x\":1}} | not a tensor's",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"shape\":[4],\"data_offsets\":[0,16]}} | twice",
        // names
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}} | \"a\" comes twice",
        // types and shapes
        "{\"a\":{\"dtype\":\"F31\",\"shape\":[4],\"data_offsets\":[0,16]}} | unknown dtype \"F31\"",
        "{\"a\":{\"dtype\":7,\"shape\":[4],\"data_offsets\":[0,16]}} | where a text",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":4,\"data_offsets\":[0,16]}} | where a list",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-4],\"data_offsets\":[0,16]}} | integer >= 0",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4.0],\"data_offsets\":[0,16]}} | integer >= 0",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[null],\"data_offsets\":[0,16]}} | integer >= 0",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[0,16]}} | takes 20",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,16]}}"
            + " | over 2^63",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,16]}}"
            + " | integer >= 0",
        // offsets
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[16]}} | not two numbers",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16,16]}} | over 2 numbers",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[-16,0]}} | integer >= 0",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[16,0]}} | don't lie within 16",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[0,20]}} | don't lie within 16",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | the file holds 16",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}} | there is a hole",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}} | overlaps another",
        "{} | the file holds 16",
        // metadata
        "{\"__metadata__\":[]} | where an object",
        "{\"__metadata__\":{\"a\":1}} | where a text",
        "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}} | \"a\" twice",
        "{\"__metadata__\":{},\"__metadata__\":{}} | comes twice",
        // after the object
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}} {} | goes on after",
      })
  void refusesAHeaderThatTheFormatDoesNotAllow(String header, String reason) throws IOException {
    assertRefused(file(header, 16), reason);
  }

  @Test
  void takesWhatTheFormatAllows() throws IOException {
    String header =
        "{\"scalar\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[4,12]},"
            + "\"empty\":{\"dtype\":\"F32\",\"shape\":[0,7],\"data_offsets\":[4,4]},"
            + "\"first\":{\"data_offsets\":[0,4],\"shape\":[2,1],\"dtype\":\"BF16\"}}   ";
    try (SafetensorsFile file = SafetensorsFile.open(file(header, 12))) {
      assertEquals(List.of("first", "empty", "scalar"), List.copyOf(file.tensors().keySet()));
      assertEquals(1, file.tensor("scalar").elements());
      assertEquals(0, file.segment("empty").byteSize());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 3, 100_000_001, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void refusesAHeaderLengthThatTheFileCantHave(long length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).put("{}".getBytes(StandardCharsets.US_ASCII));
    Path file = Files.write(folder.resolve("length.safetensors"), bytes.array());
    assertRefused(file, "says its header has " + Long.toUnsignedString(length));
  }

  @Test
  void refusesAHugeHeaderInAFileThatIsLargeEnough() throws IOException {
    Path file = folder.resolve("huge.safetensors");
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.writeLong(Long.reverseBytes(100_000_001L));
      raw.setLength(200_000_000L);
    }
    assertRefused(file, "2 to 100000000 are possible");
  }

  @Test
  void refusesMoreTensorsThanAnyModelHas() throws IOException {
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i <= 1_000_000; i++) {
      header.append('"').append(i).append("\":{\"dtype\":\"U8\",\"shape\":[0],");
      header.append("\"data_offsets\":[0,0]},");
    }
    header.setCharAt(header.length() - 1, '}');
    assertRefused(file(header.toString(), 0), "over 1000000 tensors");
  }

  @Test
  void refusesFilesTooShortToBeSafetensors() throws IOException {
    assertRefused(folder.resolve("absent.safetensors"), "does not exist");
    assertRefused(folder, "can't be read");
    for (int bytes = 0; bytes < 10; bytes++) {
      Path file = Files.write(folder.resolve("short.safetensors"), new byte[bytes]);
      assertRefused(file, "too few");
    }
  }

  @Test
  void refusesAHeaderThatIsNotUtf8() throws IOException {
    Path file = file("{\"é\":{}}", 0);
    byte[] bytes = Files.readAllBytes(file);
    bytes[11] = 'x';
    Files.write(file, bytes);
    assertRefused(file, "not UTF-8");
  }

  private Path file(String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    return Files.write(folder.resolve("test.safetensors"), bytes.array());
  }

  private static void assertRefused(Path file, String reason) {
    assertRefusal(reason, () -> SafetensorsFile.open(file).close());
  }

  private static void assertRefusal(String reason, Executable action) {
    String message = assertThrows(InvalidInput.class, action).getMessage();
    assertTrue(message.contains(reason), message);
    assertEquals(1, message.lines().count(), message);
  }
}
