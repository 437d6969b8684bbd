package io.gemlab.graph.base.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreeMemoryTest {
  private static final long MIB = 1 << 20;

  @TempDir Path folder;

  @Test
  void withoutGroupsItIsWhatLinuxHas() throws IOException {
    meminfo(2048);
    assertEquals(OptionalLong.of(2048 * MIB), read());
  }

  @Test
  void whereTheSystemDoesNotTellNothingIsKnown() {
    assertEquals(OptionalLong.empty(), read());
  }

  @Test
  void theTightestGroupUpTheTreeCounts() throws IOException {
    meminfo(8192);
    write("proc/self/cgroup", "0::/slice/box\n");
    group("cg/slice/box", "max", 100, 0);
    group("cg/slice", Long.toString(1000 * MIB), 700, 50);
    assertEquals(OptionalLong.of((1000 - 700 + 50) * MIB), read());
  }

  @Test
  void aFullGroupLeavesNothing() throws IOException {
    meminfo(8192);
    write("proc/self/cgroup", "0::/box\n");
    group("cg/box", Long.toString(100 * MIB), 110, 0);
    assertEquals(OptionalLong.of(0), read());
  }

  @Test
  void theFirstVersionOfGroupsCountsToo() throws IOException {
    meminfo(8192);
    write("proc/self/cgroup", "5:cpu:/box\n4:memory,hugetlb:/box\n");
    write("cg/memory/box/memory.limit_in_bytes", Long.toString(512 * MIB));
    write("cg/memory/box/memory.usage_in_bytes", Long.toString(200 * MIB));
    write("cg/memory/box/memory.stat", "inactive_file 1\ntotal_inactive_file " + 8 * MIB + "\n");
    write("cg/memory/memory.limit_in_bytes", "9223372036854771712");
    write("cg/memory/memory.usage_in_bytes", "1");
    assertEquals(OptionalLong.of((512 - 200 + 8) * MIB), read());
  }

  /** A container sees the host's path, but only its own root. */
  @Test
  void aPathThatIsNotThereEndsAtTheRoot() throws IOException {
    meminfo(8192);
    write("proc/self/cgroup", "0::/../../host/abc\n");
    group("cg", Long.toString(300 * MIB), 100, 0);
    assertTrue(read().getAsLong() <= 8192 * MIB);
  }

  @Test
  void thisMachineTells() {
    assertTrue(FreeMemory.bytes().getAsLong() > MIB);
  }

  private OptionalLong read() {
    return FreeMemory.of(folder.resolve("proc"), folder.resolve("cg"));
  }

  private void meminfo(long mib) throws IOException {
    write("proc/meminfo", "MemTotal: 99999999 kB\nMemAvailable: " + mib * 1024 + " kB\n");
  }

  private void group(String path, String max, long usedMib, long inactiveMib) throws IOException {
    write(path + "/memory.max", max + "\n");
    write(path + "/memory.current", usedMib * MIB + "\n");
    write(path + "/memory.stat", "anon 5\ninactive_file " + inactiveMib * MIB + "\n");
  }

  private void write(String path, String text) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
