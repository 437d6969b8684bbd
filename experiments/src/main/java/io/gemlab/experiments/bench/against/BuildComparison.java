package io.gemlab.experiments.bench.against;

import io.gemlab.experiments.bench.against.Build.CellException;
import io.gemlab.experiments.bench.against.ComparedCell.Round;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.statistics.descriptive.Median;

/**
 * Two builds timed in turn: in each round and on each path one after the other, the first of a
 * round the second of the next, so that what changes slowly on the machine meets both alike.
 *
 * @param ours this build
 * @param theirs the other one
 * @param arguments flags of {@code bench} but {@code --path} and {@code --out}
 * @param paths labels
 * @param rounds 2 or more
 */
public record BuildComparison(
    Build ours, Build theirs, List<String> arguments, List<String> paths, int rounds) {
  /**
   * Fewest rounds: Student's t of two differences has a factor of 12.7, of five one of 2.8, beyond
   * which little is gained.
   */
  public static final int LEAST_ROUNDS = 3;

  /**
   * @throws InvalidInput if there are too few rounds
   */
  public BuildComparison {
    arguments = List.copyOf(arguments);
    paths = List.copyOf(paths);
    if (rounds < LEAST_ROUNDS) {
      throw new InvalidInput(
          "--rounds is " + rounds + "; give " + LEAST_ROUNDS + " or more, or chance can't be told");
    }
  }

  /**
   * What came out.
   *
   * @param cells those that both builds measured in every round
   * @param failures one line each
   * @param theirs where the other build's numbers come from, if it measured anything
   */
  record Outcome(List<ComparedCell> cells, List<String> failures, Optional<Provenance> theirs) {}

  /** How many turns there are. */
  public int turns() {
    return 2 * rounds * paths.size();
  }

  /**
   * Measures.
   *
   * @param folder where the records of every turn are kept
   * @param watcher told of each turn before it begins
   */
  Outcome run(Path folder, Consumer<String> watcher) throws InterruptedException {
    ours.prepare();
    theirs.prepare();
    Map<String, List<Round>> measured = new LinkedHashMap<>();
    Map<String, String> failures = new TreeMap<>();
    for (int round = 0; round < rounds; round++) {
      for (String path : paths) {
        Map<Build, Map<String, Double>> turn = new LinkedHashMap<>();
        for (Build build : round % 2 == 0 ? List.of(ours, theirs) : List.of(theirs, ours)) {
          String side = side(build);
          watcher.accept("round %d, %s, %s build".formatted(round + 1, path, side));
          if (failures.containsKey(path)) continue;
          try {
            turn.put(build, medians(build, path, out(folder, round, path, side)));
          } catch (CellException failed) {
            failures.put(path, path + ": the " + side + " build failed: " + failed.getMessage());
          }
        }
        if (turn.size() == 2) add(measured, turn);
      }
    }
    List<ComparedCell> cells = new ArrayList<>();
    measured.forEach(
        (name, all) -> {
          if (all.size() == rounds) cells.add(new ComparedCell(name, all));
          else failures.putIfAbsent(name, name + ": not measured in every round by both builds");
        });
    return new Outcome(cells, List.copyOf(failures.values()), provenance(folder));
  }

  private void add(Map<String, List<Round>> measured, Map<Build, Map<String, Double>> turn) {
    turn.get(ours)
        .forEach(
            (cell, millis) -> {
              List<Round> all = measured.computeIfAbsent(cell, key -> new ArrayList<>());
              Double other = turn.get(theirs).get(cell);
              if (other != null) all.add(new Round(millis, other));
            });
  }

  private Map<String, Double> medians(Build build, String path, Path out)
      throws InterruptedException {
    List<String> flags = new ArrayList<>(arguments);
    flags.add("--path=" + path);
    Map<String, Double> medians = new LinkedHashMap<>();
    build.bench(flags, out).forEach((cell, samples) -> medians.put(cell, median(samples)));
    return medians;
  }

  private static double median(List<Double> samples) {
    return Median.withDefaults()
        .evaluate(samples.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private String side(Build build) {
    return build.equals(ours) ? "this" : "other";
  }

  private static Path out(Path folder, int round, String path, String side) {
    return folder
        .resolve("rounds")
        .resolve("%d-%s-%s".formatted(round + 1, path.replaceAll("[^A-Za-z0-9._-]", "-"), side));
  }

  private static Optional<Provenance> provenance(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path runs : files.filter(file -> file.endsWith("runs")).sorted().toList()) {
        if (!runs.getParent().toString().endsWith("-other")) continue;
        var records = RunRecords.readAll(runs);
        if (!records.isEmpty()) return Optional.of(records.getFirst().getProvenance());
      }
    } catch (IOException unreadable) {
      return Optional.empty(); // then nothing was measured
    }
    return Optional.empty();
  }
}
