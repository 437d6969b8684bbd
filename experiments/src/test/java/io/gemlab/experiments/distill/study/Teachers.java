package io.gemlab.experiments.distill.study;

import io.gemlab.experiments.distill.TeacherFile;
import io.gemlab.experiments.distill.TeacherFileWriter;
import io.gemlab.experiments.distill.TeacherHeader;
import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.experiments.recipe.RowsSpec;
import io.gemlab.experiments.train.TrainingInput;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.text.TrainingRows;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.train.TopKLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** The teacher, what it says of the text, and what controls are made of that. */
final class Teachers {
  /** Tokens that a file keeps of the 260. */
  static final int TOP_K = 64;

  /** What all tokens get together of a smoothed teacher, and of a smoothed label. */
  static final double SMOOTHING = 0.1;

  /** Of the corpus, from its end, what no model is trained on. */
  static final double VALIDATION = 0.1;

  private static final int STEPS = 980;
  private static final String TEACHER =
      """
      preset: tiny
      training: {batch: 16, steps: %d, warmup_steps: 60, diagnose_every: 0, evaluate_every: %1$d}
      checkpoints: {every: %1$d, keep: 1}
      samples: {prompts: []}
      """
          .formatted(STEPS);

  /** How a file's rows are read. */
  private static final String DATA = "preset: tiny\ntraining: {batch: 32, length: %d}\n";

  private final Path folder;

  Teachers(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
  }

  /** A million parameters, of two epochs of the text. */
  Path checkpoint() throws IOException {
    Path recipe = Files.writeString(folder.resolve("teacher.yaml"), TEACHER);
    return Commands.train(recipe, folder.resolve("teacher"), List.of());
  }

  /** What it says of rows of a length. */
  Path of(int length) throws IOException {
    return records(checkpoint(), "teacher-" + length, length);
  }

  private Path records(Path checkpoint, String name, int length) throws IOException {
    Path file = folder.resolve(name + ".safetensors");
    if (Files.exists(file)) return file;
    Path data = Files.writeString(folder.resolve(name + "-data.yaml"), DATA.formatted(length));
    Files.deleteIfExists(TeacherFileWriter.partial(file));
    Commands.run(
        List.of(
            "teacher",
            "--checkpoint",
            checkpoint,
            "--data",
            data,
            "--top-k",
            TOP_K,
            "--out",
            file));
    return file;
  }

  /** The teacher's probabilities mixed with equal ones of all tokens. */
  Path smoothed() throws IOException {
    return changed(
        "smoothed",
        (position, _) -> {
          int vocabulary = Gemma2Presets.config("tiny").vocabSize();
          double each = SMOOTHING / vocabulary;
          for (int k = 0; k < TOP_K; k++) {
            position.p()[k] = (1 - SMOOTHING) * position.p()[k] + each;
          }
          return (1 - SMOOTHING) * position.rest() + each * (vocabulary - TOP_K);
        });
  }

  /**
   * The teacher's probabilities given to other tokens: the one that follows keeps its own, those of
   * the others among the K likeliest are shuffled. So labels are as soft as the teacher's, and say
   * as much of what follows, and nothing of what else might have.
   */
  Path shuffled() throws IOException {
    return changed(
        "shuffled",
        (position, random) -> {
          double[] p = position.p();
          int kept = 0;
          while (kept < TOP_K && position.ids()[kept] != position.label()) kept++;
          int[] others = new int[kept < TOP_K ? TOP_K - 1 : TOP_K];
          for (int i = 0; i < others.length; i++) others[i] = i < kept ? i : i + 1;
          for (int i = others.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            double swapped = p[others[i]];
            p[others[i]] = p[others[j]];
            p[others[j]] = swapped;
          }
          return position.rest();
        });
  }

  /**
   * What a file says of a position.
   *
   * @param label the token that follows
   * @param ids the likeliest
   * @param p their probabilities, which a change may write to
   * @param rest of all others
   */
  private record Position(int label, int[] ids, double[] p, double rest) {}

  /** Changes a position's probabilities, and answers the others' new rest. */
  private interface Change {
    double apply(Position position, SplittableRandom random);
  }

  private Path changed(String name, Change change) throws IOException {
    Path file = folder.resolve(name + ".safetensors");
    if (Files.exists(file)) return file;
    int length = OfflineStudy.LENGTH;
    DataSpec data = new DataSpec("built-in", "bytes", 1, length);
    RowsSpec rows = new RowsSpec(RowsSpec.Rows.RUN, 1, Optional.empty());
    Files.deleteIfExists(TeacherFileWriter.partial(file));
    try (TeacherFile from = TeacherFile.open(of(length));
        TrainingInput input =
            TrainingInput.open(data, rows, VALIDATION, Gemma2Presets.config("tiny"));
        TeacherFileWriter writer = TeacherFileWriter.open(file, renamed(from, name), false)) {
      TrainingRows taught = from.teach(input.training());
      SplittableRandom random = new SplittableRandom(1);
      for (int row = 0; row < taught.count(); row++) {
        write(taught.batch(row), change, random, writer);
      }
      writer.finish();
    }
    return file;
  }

  private static void write(
      LabelledBatch row, Change change, SplittableRandom random, TeacherFileWriter writer)
      throws IOException {
    Map<String, HostTensor> said = row.arguments();
    int[] ids = said.get(TopKLoss.IDS).ints();
    float[] logP = said.get(TopKLoss.LOG_PROBABILITIES).floats();
    float[] rest = said.get(TopKLoss.REST).floats();
    for (int t = 0; t < rest.length; t++) {
      int[] own = new int[TOP_K];
      double[] p = new double[TOP_K];
      for (int k = 0; k < TOP_K; k++) {
        own[k] = ids[t * TOP_K + k];
        p[k] = Math.exp(logP[t * TOP_K + k]);
      }
      rest[t] = (float) change.apply(new Position(row.labels()[0][t], own, p, rest[t]), random);
      for (int k = 0; k < TOP_K; k++) logP[t * TOP_K + k] = (float) Math.log(p[k]);
    }
    writer.add(1, ids, logP, rest);
  }

  private static TeacherHeader renamed(TeacherFile from, String name) {
    TeacherHeader header = from.header();
    return new TeacherHeader(
        header.teacher() + ", " + name,
        header.teacherSha256(),
        header.computed(),
        header.data(),
        header.dataSha256(),
        header.rows(),
        header.length(),
        header.topK(),
        header.flopsAToken(),
        header.temperature(),
        header.traits());
  }
}
