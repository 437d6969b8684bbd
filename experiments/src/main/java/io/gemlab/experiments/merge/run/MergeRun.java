package io.gemlab.experiments.merge.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gemlab.experiments.BuildInfo;
import io.gemlab.experiments.merge.plan.InputModel;
import io.gemlab.experiments.merge.plan.MergePlan;
import io.gemlab.experiments.merge.plan.PlannedTensor;
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
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * A planned merge on its way into a folder. Shards are written into a folder beside, whose name
 * follows from the result's, and that is renamed when all is there. A merge that is stopped leaves
 * it, and goes on behind its last whole shard.
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
   * @throws InvalidInput as {@link #requireFree}, or if an input isn't finite
   * @throws UncheckedIOException if the disk fails or is full; what is there is kept
   */
  public void write(boolean resume, LongConsumer progress) {
    requireFree(resume);
    try {
      Files.createDirectories(out.getParent());
      try (FolderLock _ = FolderLock.take(work)) {
        fill(progress);
      }
      Files.delete(work.resolve(FolderLock.FILE));
      Files.move(work, out, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("Writing " + out, e);
    }
  }

  private void fill(LongConsumer progress) throws IOException {
    try (InputHashes hashes = new InputHashes(plan.models())) {
      Leftovers.delete(work);
      Shards shards = new Shards(begun(), progress);
      HfCheckpointWriter.fill(work, plan.files(), tensors(progress), shardBytes, shards::write);
      shards.record.withInputs(hashes.byPath()).write(work);
      write(ModelCard.FILE, ModelCard.text(plan, out.getFileName().toString()));
      write(ModelCard.RECIPE, plan.recipe().text());
    } finally {
      if (MergeRecord.in(work).isEmpty()) new TemporaryFolder(work).close();
    }
  }

  private void write(String file, String text) throws IOException {
    WholeFile.write(work.resolve(file), text.getBytes(UTF_8));
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
            () ->
                new MergeRecord(
                    now,
                    options.text(),
                    plan.recipe().method().contract().name(),
                    new TreeMap<>(),
                    new TreeMap<>()));
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

  private List<TensorToWrite> tensors(LongConsumer progress) {
    return plan.tensors().stream().map(tensor -> tensor(tensor, progress)).toList();
  }

  private TensorToWrite tensor(PlannedTensor tensor, LongConsumer progress) {
    return new TensorToWrite(
        tensor.name(),
        tensor.stored(),
        tensor.shape(),
        new MergedTensor(
            tensor, plan.recipe().method(), options.arithmetic(plan.recipe(), tensor), progress));
  }

  /** Writes shards, and those of an earlier try not again. */
  private static final class Shards {
    private MergeRecord record;
    private final LongConsumer progress;

    Shards(MergeRecord record, LongConsumer progress) {
      this.record = record;
      this.progress = progress;
    }

    void write(Path file, List<TensorToWrite> tensors) {
      String name = file.getFileName().toString();
      if (Files.exists(file) && record.weights().containsKey(name)) {
        tensors.forEach(tensor -> progress.accept(tensor.shape().elements()));
        return;
      }
      try (OutputHash hash = new OutputHash()) {
        SafetensorsWriter.write(file, tensors, HfJson.FILE_METADATA, hash::add);
        record = record.withWeights(name, hash.hex());
      }
      try {
        record.write(file.getParent());
      } catch (IOException e) {
        throw new UncheckedIOException("Writing " + file, e);
      }
    }
  }
}
