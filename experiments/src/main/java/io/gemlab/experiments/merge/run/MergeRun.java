package io.gemlab.experiments.merge.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gemlab.experiments.BuildInfo;
import io.gemlab.experiments.merge.plan.InputModel;
import io.gemlab.experiments.merge.plan.MergePlan;
import io.gemlab.experiments.run.FolderLock;
import io.gemlab.graph.base.checkpoint.HfCheckpointWriter;
import io.gemlab.graph.base.checkpoint.HfJson;
import io.gemlab.graph.base.checkpoint.SafetensorsWriter;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.files.Leftovers;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.files.TemporaryFolder;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.files.WholeFolder;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * A planned merge on its way into a folder. Shards are written into a folder beside, whose name
 * follows from the result's, and that is renamed when all is there. A merge that is stopped leaves
 * it, and goes on behind its last whole shard.
 *
 * <p>Each point of a front is a folder within. A shard of all of them is written before the next:
 * the inputs that it is made of are then in memory for all but the first.
 */
public final class MergeRun {
  private final MergePlan plan;
  private final MergeOptions options;
  private final Path out;
  private final Path work;
  private final long shardBytes;

  /**
   * @param out where the result goes
   * @param shardBytes data bytes that a shard holds at most, unless a single tensor has more
   */
  public MergeRun(MergePlan plan, MergeOptions options, Path out, long shardBytes) {
    this.plan = plan;
    this.options = options;
    this.out = out.toAbsolutePath().normalize();
    this.work = this.out.resolveSibling(".%s.merging".formatted(this.out.getFileName()));
    this.shardBytes = shardBytes;
  }

  /**
   * Bytes that are there already of a stopped merge; 0 where there is none to go on with.
   *
   * @throws InvalidInput if {@code out} holds anything; if a merge was stopped there and isn't to
   *     go on, or was another one
   */
  public long requireFree(boolean resume) {
    WholeFolder.requireFree(out);
    if (MergeRecord.in(work).isEmpty()) return 0; // nothing whole was written
    if (!resume) {
      throw new InvalidInput(
          "A merge into %s was stopped, or still runs; --resume goes on with it, or delete %s"
              .formatted(out, work));
    }
    long there = 0;
    for (String shard : begun().weights().keySet()) there += work.resolve(shard).toFile().length();
    return there;
  }

  /**
   * Merges.
   *
   * @param progress told how many more values are there
   * @return what the points are, if the result is a front
   * @throws InvalidInput as {@link #requireFree}, or if an input isn't finite
   * @throws UncheckedIOException if the disk fails or is full; what is there is kept
   */
  public Optional<FrontTable> write(boolean resume, LongConsumer progress) {
    requireFree(resume);
    try {
      Files.createDirectories(out.getParent());
      Optional<FrontTable> front;
      try (FolderLock _ = FolderLock.take(work)) {
        front = fill(progress);
      }
      Files.delete(work.resolve(FolderLock.FILE));
      Files.move(work, out, StandardCopyOption.ATOMIC_MOVE);
      return front;
    } catch (IOException e) {
      throw new UncheckedIOException("Writing " + out, e);
    }
  }

  private Optional<FrontTable> fill(LongConsumer progress) throws IOException {
    try (InputHashes hashes = new InputHashes(plan.models())) {
      Leftovers.delete(work);
      MergedModels models =
          new MergedModels(plan, tensor -> options.arithmetic(plan.recipe(), tensor), progress);
      Shards shards = new Shards(begun(), progress);
      write(models.all(), shards);
      shards.record.withInputs(hashes.byPath()).write(work);
      Optional<FrontTable> front =
          plan.recipe().points().isEmpty()
              ? Optional.empty()
              : Optional.of(FrontTable.of(plan, models, shards.record));
      describe(models.all(), front);
      return front;
    } finally {
      if (MergeRecord.in(work).isEmpty()) new TemporaryFolder(work).close();
    }
  }

  private void write(List<MergedModel> models, Shards shards) throws IOException {
    for (MergedModel model : models) {
      Path folder = Files.createDirectories(model.folder(work));
      Leftovers.delete(folder);
      // The first one's shards are everyone's.
      boolean isFirst = model == models.getFirst();
      HfCheckpointWriter.fill(
          folder,
          plan.files(),
          model.toWrite(),
          shardBytes,
          (file, tensors) -> {
            if (!isFirst) return;
            for (MergedModel each : models) {
              shards.write(each.folder(work).resolve(file.getFileName()), each.named(tensors));
            }
          });
    }
  }

  /** Writes what people read. */
  private void describe(List<MergedModel> models, Optional<FrontTable> front) throws IOException {
    ModelCard card = new ModelCard(plan, front);
    Set<Path> folders = new LinkedHashSet<>(List.of(work));
    models.forEach(model -> folders.add(model.folder(work)));
    for (Path folder : folders) {
      Path name = out.getFileName().resolve(work.relativize(folder)).normalize();
      WholeFile.write(folder.resolve(ModelCard.FILE), card.text(name.toString()).getBytes(UTF_8));
    }
    WholeFile.write(work.resolve(card.recipeFile()), plan.recipe().text().getBytes(UTF_8));
    if (front.isPresent()) WholeFile.write(work.resolve(FrontTable.FILE), front.get().json());
  }

  /** The record of the merge that was stopped, or of this one's beginning. */
  private MergeRecord begun() {
    String now = fingerprint();
    return MergeRecord.in(work)
        .map(
            record -> {
              if (record.plan().equals(now)) return record;
              throw new InvalidInput(
                  "%s was begun with another recipe, other models or options (%s); delete it to begin anew"
                      .formatted(work, record.options()));
            })
        .orElseGet(
            () -> MergeRecord.begun(now, options.text(), plan.recipe().method().contract().name()));
  }

  /** All that the weights follow from; of the models' files size and time, which are at hand. */
  private String fingerprint() {
    StringBuilder text = new StringBuilder();
    text.append(BuildInfo.VERSION).append('\n').append(options.text()).append('\n');
    text.append(shardBytes).append('\n').append(plan.recipe().text()).append('\n');
    for (InputModel model : plan.models()) {
      for (Path file : model.files()) {
        text.append(
            "%s %d %d%n".formatted(file, file.toFile().length(), file.toFile().lastModified()));
      }
    }
    return Sha256.of(text.toString());
  }

  /** Writes shards, and those of an earlier try not again. */
  private final class Shards {
    private MergeRecord record;
    private final LongConsumer progress;

    Shards(MergeRecord record, LongConsumer progress) {
      this.record = record;
      this.progress = progress;
    }

    void write(Path file, List<MergedTensor> tensors) {
      String name = work.relativize(file).toString();
      List<TensorToWrite> written = tensors.stream().map(MergedTensor::toWrite).toList();
      if (Files.exists(file) && record.weights().containsKey(name)) {
        written.forEach(tensor -> progress.accept(tensor.shape().elements()));
        return;
      }
      Sha256.Pieces hash = new Sha256.Pieces();
      SafetensorsWriter.write(file, written, HfJson.FILE_METADATA, hash::add);
      record = record.withWeights(name, hash.hex(), squaredDistance(tensors));
      try {
        record.write(work);
      } catch (IOException e) {
        throw new UncheckedIOException("Writing " + file, e);
      }
    }

    private static OptionalDouble squaredDistance(List<MergedTensor> tensors) {
      return tensors.stream()
          .map(MergedTensor::squaredDistance)
          .filter(OptionalDouble::isPresent)
          .mapToDouble(OptionalDouble::getAsDouble)
          .reduce(Double::sum);
    }
  }
}
