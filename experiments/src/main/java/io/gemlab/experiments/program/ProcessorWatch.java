package io.gemlab.experiments.program;

import io.gemlab.reports.record.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What the processors did from its beginning to its end besides running this process: what other
 * processes ran, and what the host of a virtual machine gave to others. What Linux does not tell is
 * left out.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/proc.html">proc(5), stat and
 *     self/stat</a>
 */
final class ProcessorWatch {
  static final Path PROC = Path.of("/proc");

  /** Above this fraction of the cores in use by others, a time can't be trusted. */
  static final double OTHERS_LIMIT = 0.05;

  /** The same of time that the host gave to other machines. */
  static final double STOLEN_LIMIT = 0.02;

  /** Linux counts in ticks, and up to so many are no more than rounding. */
  private static final long ROUNDING = 4;

  private final Path proc;
  private final Optional<String> load;
  private final Map<String, Switches> switches;
  private final Optional<Ticks> begin;

  /**
   * Begins.
   *
   * @param proc {@link #PROC}, or what looks like it
   */
  ProcessorWatch(Path proc) {
    this.proc = proc;
    load = read(proc.resolve("loadavg")).map(text -> text.split(" ")[0]);
    switches = switches();
    begin = ticks();
  }

  /** Ends; fills in what a turn says of the machine. */
  void end(Turn.Builder turn) {
    Optional<Ticks> end = ticks();
    load.ifPresent(text -> turn.setLoadBefore(Double.parseDouble(text)));
    if (begin.isPresent() && end.isPresent()) end.get().minus(begin.get()).fill(turn);
    if (switches.isEmpty()) return;
    Switches during = new Switches(0, 0);
    for (Map.Entry<String, Switches> thread : switches().entrySet()) {
      Switches before = switches.getOrDefault(thread.getKey(), new Switches(0, 0));
      during = during.plus(thread.getValue()).minus(before);
    }
    turn.setVoluntarySwitches(during.voluntary()).setInvoluntarySwitches(during.involuntary());
  }

  /**
   * Ticks of the cores that this process may use.
   *
   * @param all those that went by
   * @param busy those in which anything ran here
   * @param stolen those in which the host ran something else
   * @param own those in which this process ran
   */
  private record Ticks(long all, long busy, long stolen, long own) {
    Ticks minus(Ticks begin) {
      return new Ticks(all - begin.all, busy - begin.busy, stolen - begin.stolen, own - begin.own);
    }

    void fill(Turn.Builder turn) {
      if (all <= 0) return;
      long others = Math.max(0, busy - own);
      turn.setOthers(others / (double) all).setStolen(stolen / (double) all);
      turn.setDisturbed(
          (others > ROUNDING && turn.getOthers() > OTHERS_LIMIT)
              || (stolen > ROUNDING && turn.getStolen() > STOLEN_LIMIT));
    }
  }

  private Optional<Ticks> ticks() {
    Optional<String> machine = read(proc.resolve("stat"));
    OptionalLong own = own();
    if (machine.isEmpty() || own.isEmpty()) return Optional.empty();
    Set<String> allowed = allowed();
    long all = 0;
    long busy = 0;
    long stolen = 0;
    for (String line : machine.get().lines().toList()) {
      // user nice system idle iowait irq softirq steal; what guests ran is in the first two.
      String[] fields = line.trim().split(" +");
      if (fields.length < 9 || !fields[0].matches("cpu\\d+")) continue;
      if (!allowed.isEmpty() && !allowed.contains(fields[0])) continue;
      long[] counts = Stream.of(fields).skip(1).limit(8).mapToLong(Long::parseLong).toArray();
      long ran = counts[0] + counts[1] + counts[2] + counts[5] + counts[6];
      busy += ran;
      stolen += counts[7];
      all += ran + counts[3] + counts[4] + counts[7];
    }
    return Optional.of(new Ticks(all, busy, stolen, own.getAsLong()));
  }

  /** Ticks that this process ran, all its threads. */
  private OptionalLong own() {
    return read(proc.resolve("self/stat")).stream()
        .mapToLong(
            text -> {
              // The name, in brackets, may hold anything.
              String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
              return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
            })
        .findFirst();
  }

  /** Names in {@code stat} of the cores that this process may use; empty where all may be. */
  private Set<String> allowed() {
    Set<String> cores = new TreeSet<>();
    String list = field("self/status", "Cpus_allowed_list:").orElse("");
    for (String range : list.split(",")) {
      if (range.isBlank()) continue;
      int[] ends = Stream.of(range.split("-")).mapToInt(Integer::parseInt).toArray();
      IntStream.rangeClosed(ends[0], ends[ends.length - 1])
          .forEach(core -> cores.add("cpu" + core));
    }
    return cores;
  }

  /**
   * How often a core changed hands.
   *
   * @param voluntary given away
   * @param involuntary taken away
   */
  private record Switches(long voluntary, long involuntary) {
    Switches plus(Switches other) {
      return new Switches(voluntary + other.voluntary, involuntary + other.involuntary);
    }

    Switches minus(Switches other) {
      return new Switches(voluntary - other.voluntary, involuntary - other.involuntary);
    }
  }

  /** Of each thread of this process. */
  private Map<String, Switches> switches() {
    Map<String, Switches> all = new HashMap<>();
    try (Stream<Path> threads = Files.list(proc.resolve("self/task"))) {
      for (Path thread : threads.toList()) {
        String status = "self/task/" + thread.getFileName() + "/status";
        Optional<String> voluntary = field(status, "voluntary_ctxt_switches:");
        Optional<String> involuntary = field(status, "nonvoluntary_ctxt_switches:");
        if (voluntary.isEmpty() || involuntary.isEmpty()) continue; // it has ended
        all.put(
            thread.getFileName().toString(),
            new Switches(Long.parseLong(voluntary.get()), Long.parseLong(involuntary.get())));
      }
    } catch (IOException notTold) {
      return Map.of();
    }
    return all;
  }

  private Optional<String> field(String file, String name) {
    return read(proc.resolve(file))
        .flatMap(
            text ->
                text.lines()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(name.length()).strip())
                    .findFirst());
  }

  private static Optional<String> read(Path file) {
    try {
      return Optional.of(Files.readString(file));
    } catch (IOException notTold) {
      return Optional.empty();
    }
  }
}
