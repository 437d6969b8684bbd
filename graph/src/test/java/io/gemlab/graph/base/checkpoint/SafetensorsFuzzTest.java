package io.gemlab.graph.base.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Thousands of damaged files: each is refused in one line, or is a file that reads to its end. */
class SafetensorsFuzzTest {
  private static final int CASES = 8_000;
  private static final long SEED = 20261122;
  private static final String HEADER =
      "{\"__metadata__\":{\"format\":\"pt\"},"
          + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
          + "\"b\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[24,26]},"
          + "\"c\":{\"dtype\":\"I64\",\"shape\":[1,0,9],\"data_offsets\":[26,26]},"
          + "\"d\":{\"dtype\":\"U8\",\"shape\":[6],\"data_offsets\":[26,32]}}";
  private static final List<String> FRAGMENTS =
      List.of(
          "-1",
          "0",
          "9223372036854775807",
          "18446744073709551616",
          "1e9",
          "null",
          "true",
          "[",
          "]",
          "{",
          "}",
          ",",
          ":",
          "\"",
          "\"a\"",
          "\\u0000",
          "\\ud800",
          "\u00e9",
          "F64",
          "BOOL",
          "__",
          "[[[[[[[[",
          "{\"a\":",
          "\"shape\":[],",
          "\"__metadata__\":{},",
          "     ",
          "\n",
          "\0");

  @TempDir Path folder;

  @Test
  void damagedFilesAreRefusedOrWhole() throws IOException {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    Path path = folder.resolve("fuzz.safetensors");
    int opened = 0;
    for (int i = 0; i < CASES; i++) {
      byte[] bytes = mutated(random);
      Files.write(path, bytes);
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        readEverything(file, bytes.length);
        opened++;
      } catch (InvalidInput e) {
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        assertTrue(e.getMessage().startsWith(path.toString()), e.getMessage());
      } catch (Throwable e) {
        fail("case " + i + " of seed " + SEED + ": " + Arrays.toString(bytes), e);
      }
    }
    assertTrue(opened > CASES / 100, "only " + opened + " of " + CASES + " opened");
    assertTrue(opened < CASES / 2, opened + " of " + CASES + " opened");
  }

  private static void readEverything(SafetensorsFile file, long size) {
    long data = 0;
    for (TensorInfo tensor : file.tensors().values()) {
      MemorySegment segment = file.segment(tensor.name());
      assertEquals(tensor.byteSize(), segment.byteSize());
      assertTrue(segment.toArray(ValueLayout.JAVA_BYTE).length <= size);
      data += segment.byteSize();
    }
    assertTrue(data < size);
  }

  private static byte[] mutated(RandomGenerator random) {
    StringBuilder header = new StringBuilder(HEADER);
    if (random.nextBoolean()) {
      for (int edits = random.nextInt(1, 4); edits > 0; edits--) edit(header, random);
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + json.length + 32).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(length(json.length, random)).put(json);
    byte[] bytes = file.array();
    for (int flips = random.nextInt(3); flips > 0; flips--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return switch (random.nextInt(8)) {
      case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case 1 -> Arrays.copyOf(bytes, bytes.length + random.nextInt(64));
      default -> bytes;
    };
  }

  private static void edit(StringBuilder header, RandomGenerator random) {
    int at = random.nextInt(header.length());
    int end = Math.min(header.length(), at + random.nextInt(12));
    switch (random.nextInt(4)) {
      case 0 -> header.delete(at, end);
      case 1 -> header.insert(at, header.substring(at, end));
      case 2 -> header.insert(at, FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
      default -> header.replace(at, end, FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
    }
  }

  private static long length(int actual, RandomGenerator random) {
    return switch (random.nextInt(16)) {
      case 0 -> random.nextLong();
      case 1 -> actual + random.nextInt(-40, 40);
      default -> actual;
    };
  }
}
