package io.gemlab.graph.base.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Memory that a process could still take: what Linux could give without swapping, and no more than
 * the control groups around the process leave it.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html">Control group v2, memory</a>
 */
public final class FreeMemory {
  /** A group without a limit says so in a word, or with a number near 2^63. */
  private static final long NO_LIMIT = 1L << 60;

  private final Path proc;
  private final Path groups;

  private FreeMemory(Path proc, Path groups) {
    this.proc = proc;
    this.groups = groups;
  }

  /** Bytes; empty where the system does not tell. */
  public static OptionalLong bytes() {
    return of(Path.of("/proc"), Path.of("/sys/fs/cgroup"));
  }

  static OptionalLong of(Path proc, Path groups) {
    FreeMemory memory = new FreeMemory(proc, groups);
    return Stream.concat(
            ProcessMemory.field(proc.resolve("meminfo"), "MemAvailable:").stream().boxed(),
            memory.inGroups())
        .mapToLong(Long::longValue)
        .min();
  }

  /** What each group leaves, from the process's own up. */
  private Stream<Long> inGroups() {
    return lines(proc.resolve("self/cgroup"))
        .flatMap(
            line -> {
              String[] parts = line.split(":", 3); // number:controllers:path
              if (parts.length < 3) return Stream.empty();
              if (parts[1].isEmpty()) {
                return up(groups, parts[2], "memory.max", "memory.current", "inactive_file");
              }
              if (!List.of(parts[1].split(",")).contains("memory")) return Stream.empty();
              return up(
                  groups.resolve("memory"),
                  parts[2],
                  "memory.limit_in_bytes",
                  "memory.usage_in_bytes",
                  "total_inactive_file");
            });
  }

  private static Stream<Long> up(
      Path root, String path, String limitFile, String usedFile, String droppedKey) {
    // In a container the path may be the host's, of which only the root is there.
    Path group = root.resolve(path.substring(1)).normalize();
    return Stream.iterate(group, at -> at.startsWith(root), Path::getParent)
        .flatMap(
            at -> {
              OptionalLong limit = number(at.resolve(limitFile));
              OptionalLong used = number(at.resolve(usedFile));
              if (limit.isEmpty() || used.isEmpty() || limit.getAsLong() >= NO_LIMIT) {
                return Stream.empty();
              }
              // File pages that nobody used of late are dropped before the limit strikes.
              long dropped =
                  lines(at.resolve("memory.stat"))
                      .filter(line -> line.startsWith(droppedKey + " "))
                      .mapToLong(line -> Long.parseLong(line.substring(droppedKey.length() + 1)))
                      .findFirst()
                      .orElse(0);
              return Stream.of(Math.max(0, limit.getAsLong() - used.getAsLong() + dropped));
            });
  }

  private static OptionalLong number(Path file) {
    return lines(file).filter(line -> line.matches("\\d+")).mapToLong(Long::parseLong).findFirst();
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException notTold) {
      return Stream.empty();
    }
  }
}
