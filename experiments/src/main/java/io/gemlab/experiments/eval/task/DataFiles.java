package io.gemlab.experiments.eval.task;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds and reads the files of a task's data set, in jsonl or Parquet.
 *
 * <p>Where the task names files, these; or else what a download from Hugging Face's hub holds: the
 * folder {@code --data}, or the one in it that is called as the data set is, with or without its
 * owner; in it the folder of the part, {@code data}, or the folder itself; and there the files in
 * whose name the split stands as a word.
 *
 * @param task whose data set
 * @param folder what {@code --data} names
 */
record DataFiles(TaskSpec task, Optional<Path> folder) {
  private static final List<String> ENDINGS = List.of(".parquet", ".jsonl", ".json");

  /**
   * The documents of a split, in the order of the files' names.
   *
   * @throws InvalidInput if there is no file for it, or it can't be read
   */
  List<Document> split(String split) {
    List<Path> files = task.dataset().files().isEmpty() ? found(split) : named(split);
    List<Document> documents = new ArrayList<>();
    for (Path file : files) {
      documents.addAll(
          file.toString().endsWith(".parquet") ? ParquetRows.read(file) : JsonRows.read(file));
    }
    if (documents.isEmpty()) {
      throw new InvalidInput(
          "%s: the split %s of %s has no documents (%s); fetch the data again"
              .formatted(task.source(), split, task.dataset().path(), files));
    }
    return documents;
  }

  private List<Path> named(String split) {
    List<String> names = task.dataset().files().get(split);
    if (names == null) {
      throw new InvalidInput(
          "%s: data_files names no file for the split %s; add it, or name another split"
              .formatted(task.source(), split));
    }
    return names.stream().map(this::place).toList();
  }

  /** A named file: in --data, where the command runs, or beside the task. */
  private Path place(String name) {
    List<Path> places = new ArrayList<>();
    folder.ifPresent(data -> places.add(data.resolve(name)));
    places.add(Path.of(name));
    Path beside = Path.of(task.source()).toAbsolutePath().getParent();
    if (beside != null) places.add(beside.resolve(name));
    return places.stream()
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInput(
                    "%s: there is no %s; give --data with the folder that has it (looked at %s)"
                        .formatted(task.source(), name, listed(places))));
  }

  private List<Path> found(String split) {
    folder.ifPresent(DataFiles::requireFolder);
    List<Path> places = places();
    for (Path place : places) {
      List<Path> files = files(place, split);
      if (!files.isEmpty()) return files;
    }
    throw new InvalidInput(
        "task %s: %s of %s is not in %s; get the data (hf download --repo-type dataset %s --local-dir DIR) and give --data DIR"
            .formatted(
                task.name(),
                split,
                described(),
                places.isEmpty() ? "the current folder, and there is no --data" : listed(places),
                task.dataset().path()));
  }

  private static void requireFolder(Path data) {
    if (Files.isDirectory(data)) return;
    throw new InvalidInput("--data %s is no folder; name one that is there".formatted(data));
  }

  private String described() {
    return task.dataset().path() + task.dataset().name().map(name -> " (" + name + ")").orElse("");
  }

  /** Folders that may hold the data set, the likeliest first. */
  private List<Path> places() {
    String path = task.dataset().path();
    String base = path.substring(path.lastIndexOf('/') + 1);
    List<Path> roots = new ArrayList<>();
    folder.ifPresent(data -> roots.addAll(List.of(data.resolve(path), data.resolve(base), data)));
    if (folder.isEmpty()) roots.add(Path.of(path));
    List<Path> places = new ArrayList<>();
    for (Path root : roots) {
      task.dataset().name().ifPresent(name -> places.add(root.resolve(name)));
      places.add(root.resolve("data"));
      places.add(root);
    }
    return places.stream().filter(Files::isDirectory).toList();
  }

  private List<Path> files(Path place, String split) {
    List<Path> all;
    try (Stream<Path> entries = Files.list(place)) {
      all = entries.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw InvalidInput.unreadable(place, e);
    }
    String word = split.equals("validation") ? "(validation|valid|val|dev)" : Pattern.quote(split);
    String base = task.dataset().path().replaceFirst(".*/", "");
    List<String> owners = new ArrayList<>(List.of(base, base.replaceFirst("[-_].*", "")));
    task.dataset().name().ifPresent(owners::add);
    for (String ending : ENDINGS) {
      Pattern ofSplit =
          Pattern.compile(
              "(?:(?:%s)[-_.])?%s(?:-[0-9]+-of-[0-9]+(?:-[0-9a-f]{16})?)?%s"
                  .formatted(
                      String.join("|", owners.stream().map(Pattern::quote).toList()),
                      word,
                      Pattern.quote(ending)),
              Pattern.CASE_INSENSITIVE);
      List<Path> files =
          all.stream()
              .filter(file -> ofSplit.matcher(file.getFileName().toString()).matches())
              .toList();
      if (!files.isEmpty()) return files;
    }
    return List.of();
  }

  private static String listed(List<Path> places) {
    return String.join(", ", places.stream().map(Path::toString).toList());
  }
}
