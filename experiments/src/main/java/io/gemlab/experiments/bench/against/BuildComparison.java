package io.gemlab.experiments.bench.against;

import io.gemlab.experiments.bench.against.Build.CellException;
import io.gemlab.experiments.bench.against.Build.Measured;
import io.gemlab.experiments.bench.against.ComparedCell.Round;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.reports.record.Provenance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

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
    Map<String, List<Round>> cellsByName = new LinkedHashMap<>();
    Map<String, String> failures = new TreeMap<>();
    Optional<Provenance> provenance = Optional.empty();
    for (int round = 0; round < rounds; round++) {
      for (String path : paths) {
        Map<Build, Map<String, Double>> turn = new LinkedHashMap<>();
        for (Build build : round % 2 == 0 ? List.of(ours, theirs) : List.of(theirs, ours)) {
          String side = side(build);
          watcher.accept("round %d, %s, %s build".formatted(round + 1, path, side));
          if (failures.containsKey(path)) continue;
          try {
            Measured measured = bench(build, path, out(folder, round, path, side));
            turn.put(build, measured.millis());
            if (build.equals(theirs) && provenance.isEmpty()) provenance = measured.provenance();
          } catch (CellException failed) {
            failures.put(path, path + ": the " + side + " build failed: " + failed.getMessage());
          }
        }
        if (turn.size() == 2) add(cellsByName, turn);
      }
    }
    List<ComparedCell> cells = new ArrayList<>();
    cellsByName.forEach(
        (name, all) -> {
          if (all.size() == rounds) cells.add(new ComparedCell(name, all));
          else failures.putIfAbsent(name, name + ": not measured in every round by both builds");
        });
    return new Outcome(cells, List.copyOf(failures.values()), provenance);
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

  private Measured bench(Build build, String path, Path out) throws InterruptedException {
    List<String> flags = new ArrayList<>(arguments);
    flags.add("--path=" + path);
    return build.bench(flags, out);
  }

  private String side(Build build) {
    return build.equals(ours) ? "this" : "other";
  }

  private static Path out(Path folder, int round, String path, String side) {
    return folder
        .resolve("rounds")
        .resolve("%d-%s-%s".formatted(round + 1, path.replaceAll("[^A-Za-z0-9._-]", "-"), side));
  }
}
