package io.gemlab.experiments.run;

import io.gemlab.experiments.run.RunStore.Run;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.reports.record.Outcome.Status;
import io.gemlab.reports.record.RecordException;
import io.gemlab.reports.record.RunRecord;
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
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The records that a study has, against the runs that it asks for. */
public final class Inventory {
  private static final int DIFFERENCES_NAMED = 3;

  private final Map<String, Run> asked;
  private final DataHashes hashes;
  private final Map<String, Found> found = new TreeMap<>();
  private final List<Path> damaged = new ArrayList<>();
  private final Map<Path, String> misplaced = new LinkedHashMap<>();
  private final List<Path> foreign = new ArrayList<>();
  private final List<Path> twice = new ArrayList<>();

  /** A record of a run that is asked for. */
  private record Found(Path file, Run run, RunRecord record) {}

  private Inventory(List<Run> asked, DataHashes hashes) {
    this.asked =
        asked.stream()
            .collect(
                Collectors.toMap(
                    Run::id, Function.identity(), (one, _) -> one, LinkedHashMap::new));
    this.hashes = hashes;
  }

  /**
   * Reads all records of some folders.
   *
   * @param folders one that is missing counts as empty
   * @param asked the study's runs
   * @throws InvalidInput if a record can't be read, unless it is damaged
   */
  public static Inventory of(List<Path> folders, List<Run> asked, DataHashes hashes) {
    Inventory inventory = new Inventory(asked, hashes);
    for (Path folder : folders) {
      if (!Files.isDirectory(folder)) continue;
      try {
        for (Path file : RunRecords.files(folder)) inventory.add(file);
      } catch (IOException e) {
        throw InvalidInput.unreadable(folder, e);
      }
    }
    return inventory;
  }

  private void add(Path file) {
    RunRecord record;
    try {
      record = RunRecords.read(file);
    } catch (RecordException e) {
      if (!e.isDamaged()) throw new InvalidInput(e.getMessage(), e);
      damaged.add(file);
      return;
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
    if (!file.getFileName().toString().equals(RunRecords.fileName(record.getId()))) {
      misplaced.put(file, record.getId());
      return;
    }
    Run run = asked.get(record.getId());
    if (run == null || !isOf(record, run)) {
      foreign.add(file);
      return;
    }
    Found before = found.putIfAbsent(run.id(), new Found(file, run, record));
    if (before != null) twice.add(file);
  }

  /** What a record says of itself, against the run whose name it has. */
  private static boolean isOf(RunRecord record, Run run) {
    return record.getArm().equals(run.arm())
        && record.getSeed() == run.seed()
        && new RunView(record).kind().equals(run.kind());
  }

  /**
   * Refuses records that were made with other settings or of other text.
   *
   * @param remedy what to do about it
   */
  public void requireSameSettings(String remedy) {
    List<String> differences = new ArrayList<>();
    int different = 0;
    for (Found one : found.values()) {
      Optional<String> difference =
          one.run().settings().difference(one.record().getIdentity(), hashes);
      if (difference.isEmpty()) continue;
      different++;
      if (!differences.contains(difference.get())) differences.add(difference.get());
    }
    if (different == 0) return;
    throw new InvalidInput(
        "%d of %d records %s made with other settings than the recipe has now: %s%s; %s"
            .formatted(
                different,
                found.size(),
                different == 1 ? "was" : "were",
                String.join(" | ", differences.stream().limit(DIFFERENCES_NAMED).toList()),
                differences.size() > DIFFERENCES_NAMED ? " ..." : "",
                remedy));
  }

  /**
   * The records that belong to the study, one a run, by name. Their factors are the study's as it
   * is now: it may have got arms that vary what the others did not.
   */
  public List<RunRecord> records() {
    return found.values().stream()
        .map(
            one ->
                one.record().hasIdentity()
                    ? one.record().toBuilder()
                        .clearFactors()
                        .addAllFactors(one.run().factors())
                        .build()
                    : one.record())
        .toList();
  }

  /** All runs that are asked for. */
  public List<Run> asked() {
    return List.copyOf(asked.values());
  }

  /** Those of which there is no record. */
  public List<Run> missing() {
    return asked.values().stream().filter(run -> !found.containsKey(run.id())).toList();
  }

  /** Those that broke. */
  public List<Run> failed() {
    return recorded(RunView::isFailed);
  }

  /** Those that were stopped, or have not ended yet. */
  public List<Run> interrupted() {
    return recorded(run -> run.status() == Status.INTERRUPTED);
  }

  private List<Run> recorded(Predicate<RunView> is) {
    return asked.values().stream()
        .filter(run -> found.containsKey(run.id()))
        .filter(run -> is.test(new RunView(found.get(run.id()).record())))
        .toList();
  }

  /** Records of an earlier version, which hold no hash of their settings. */
  public List<RunRecord> withoutIdentity() {
    return records().stream().filter(record -> !record.hasIdentity()).toList();
  }

  /** Files that hold no record any more. */
  public List<Path> damaged() {
    return List.copyOf(damaged);
  }

  /** Files that hold the record of another run than their name says. */
  public List<Path> misplaced() {
    return List.copyOf(misplaced.keySet());
  }

  /** Records of runs that are not asked for. */
  public List<Path> foreign() {
    return List.copyOf(foreign);
  }

  /** Files whose run another file has too, which counts. */
  public List<Path> twice() {
    return List.copyOf(twice);
  }

  /** Whether each run that is asked for was made, a refusal being made too, and what diverged. */
  public boolean isWhole() {
    return missing().isEmpty() && failed().isEmpty() && interrupted().isEmpty();
  }

  /**
   * Puts files that are no records of their runs out of the way, under a name that says why.
   *
   * @return a line for each
   */
  public List<String> setAside() throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path file : damaged) lines.add(setAside(file, ".damaged", "is damaged"));
    for (Map.Entry<Path, String> one : misplaced.entrySet()) {
      lines.add(setAside(one.getKey(), ".misplaced", "is the record of " + one.getValue()));
    }
    return lines;
  }

  private static String setAside(Path file, String suffix, String why) throws IOException {
    Path place = file.resolveSibling(file.getFileName() + suffix);
    for (int i = 2; Files.exists(place); i++) {
      place = file.resolveSibling(file.getFileName() + suffix + "-" + i);
    }
    Files.move(file, place);
    return "%s %s: set aside as %s, and its run is made again"
        .formatted(file, why, place.getFileName());
  }
}
