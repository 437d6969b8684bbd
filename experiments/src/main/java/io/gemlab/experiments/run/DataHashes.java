package io.gemlab.experiments.run;

import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.graph.base.checkpoint.CheckpointKind;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.reports.record.Checkpoint;
import io.gemlab.reports.record.Data;
import io.gemlab.reports.record.Teacher;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Hashes of the texts, the weights and the teachers' files that runs read, each read once. */
public final class DataHashes {
  private final Map<String, String> corpora = new HashMap<>();
  private final Map<String, String> tokenizers = new HashMap<>();
  private final Map<Path, String> checkpoints = new HashMap<>();
  private final Map<Path, String> teachers = new HashMap<>();
  private final boolean trusting;

  private DataHashes(boolean trusting) {
    this.trusting = trusting;
  }

  /** For whoever reads them anyway: what has the same name is still compared. */
  public static DataHashes reading() {
    return new DataHashes(false);
  }

  /**
   * For whoever only reads records, perhaps where the rest is not: what has the name that a record
   * holds is the record's.
   */
  public static DataHashes byName() {
    return new DataHashes(true);
  }

  /** Whether the text that a record names is taken for this one without a look at it. */
  boolean taken(Data recorded, DataSpec spec) {
    return trusting
        && recorded.getCorpus().equals(spec.corpus())
        && recorded.getTokenizer().equals(spec.tokenizer());
  }

  /** Whether the weights that a record names are taken for these without a look at them. */
  boolean taken(Checkpoint recorded, Path folder) {
    return trusting && recorded.getFolder().equals(folder.toString());
  }

  /** Whether the teacher's file that a record names is taken for this one without a look at it. */
  boolean taken(Teacher recorded, Path file) {
    return trusting && recorded.getFile().equals(file.toString());
  }

  /**
   * As a record holds it.
   *
   * @param file a teacher's
   */
  Teacher ofTeacher(Path file) {
    return Teacher.newBuilder()
        .setFile(file.toString())
        .setSha256(teachers.computeIfAbsent(file, Sha256::of))
        .build();
  }

  /**
   * As a record holds it.
   *
   * @param folder a checkpoint's
   * @throws io.gemlab.graph.base.input.InvalidInput if it is none that can be read
   */
  Checkpoint of(Path folder) {
    return Checkpoint.newBuilder()
        .setFolder(folder.toString())
        .setSha256(checkpoints.computeIfAbsent(folder, DataHashes::weights))
        .build();
  }

  private static String weights(Path folder) {
    List<String> files =
        CheckpointKind.requireReadable(folder).modelFiles().stream()
            .filter(file -> file.toString().endsWith(".safetensors"))
            .map(Sha256::of)
            .toList();
    return files.size() == 1 ? files.getFirst() : Sha256.of(String.join("\n", files));
  }

  /**
   * As a record holds it.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if a text or a tokenizer can't be read
   */
  Data of(DataSpec spec) {
    return Data.newBuilder()
        .setCorpus(spec.corpus())
        .setCorpusSha256(corpora.computeIfAbsent(spec.corpus(), _ -> spec.openCorpus().sha256()))
        .setTokenizer(spec.tokenizer())
        .setTokenizerSha256(
            tokenizers.computeIfAbsent(spec.tokenizer(), _ -> spec.tokenizerSha256()))
        .build();
  }
}
