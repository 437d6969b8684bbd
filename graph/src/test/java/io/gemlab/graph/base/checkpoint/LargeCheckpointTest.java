package io.gemlab.graph.base.checkpoint;

import static io.gemlab.graph.TestFiles.golden;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.gemlab.ops.Bfloat16;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * 27B in bfloat16, 55 GB of holes in a sparse file: it opens at once, and only what is read takes
 * memory.
 */
@EnabledOnOs(OS.LINUX)
class LargeCheckpointTest {
  private static final long TENSOR_BYTES = 2_300_000_000L;
  private static final int TENSORS = 24;

  /** The build's folder: a temporary one may be kept in memory. */
  private Path folder;

  @BeforeEach
  void makeSparse() throws IOException {
    folder = Files.createTempDirectory(golden(".").getParent(), "large-checkpoint");
    Files.copy(golden("ckpt_bf16/config.json"), folder.resolve("config.json"));
    List<String> entries = new ArrayList<>();
    for (int i = 0; i < TENSORS; i++) {
      entries.add(
          "\"t%02d\":{\"dtype\":\"BF16\",\"shape\":[%d],\"data_offsets\":[%d,%d]}"
              .formatted(i, TENSOR_BYTES / 2, i * TENSOR_BYTES, (i + 1) * TENSOR_BYTES));
    }
    byte[] header = ("{" + String.join(",", entries) + "}").getBytes();
    FileStore store = Files.getFileStore(folder);
    long free = store.getUnallocatedSpace();
    try (RandomAccessFile raw =
        new RandomAccessFile(folder.resolve("model.safetensors").toFile(), "rw")) {
      raw.writeLong(Long.reverseBytes(header.length));
      raw.write(header);
      raw.setLength(8 + header.length + TENSORS * TENSOR_BYTES);
      raw.seek(raw.length() - 2);
      raw.write(0xc0);
      raw.write(0x3f);
    } catch (IOException e) {
      abort("no 55 GB file can be made here, so opening one was not tried: " + e.getMessage());
    }
    if (free - store.getUnallocatedSpace() > TENSOR_BYTES) {
      abort("files with holes take space on " + store + ", so opening 55 GB was not tried");
    }
  }

  @AfterEach
  void delete() throws IOException {
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.deleteIfExists(folder.resolve(name));
    }
    Files.delete(folder);
  }

  @Test
  void opensWithinASecondAndStaysOnDisk() throws IOException {
    long before = residentKilobytes();
    try (HfCheckpoint checkpoint =
        assertTimeout(Duration.ofSeconds(1), () -> HfCheckpoint.open(folder))) {
      assertEquals(TENSORS, checkpoint.tensors().size());
      MemorySegment last = checkpoint.segment("t23");
      short bits = last.get(ValueLayout.JAVA_SHORT_UNALIGNED, TENSOR_BYTES - 2);
      assertEquals(1.5f, Bfloat16.toFloat(bits));
      long grown = residentKilobytes() - before;
      assertTrue(grown < 32_000, "resident memory grew by " + grown + " kB");
    }
  }

  private static long residentKilobytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
