package io.gemlab.experiments.distill;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.checkpoint.TensorInfo;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.text.TrainingRows;
import io.gemlab.graph.train.TopKLoss;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a teacher said of every position of a training set, mapped: however large the file, none of
 * it is in the heap.
 *
 * <p>It is a safetensors file of one tensor, {@code records}, uint8 [rows, positions, bytes of a
 * {@link TopKRecord}], whose metadata say what it is of.
 */
public final class TeacherFile implements AutoCloseable {
  private static final String AGAIN = "; make it again (gemlab teacher)";

  private final Path path;
  private final TeacherHeader header;
  private final SafetensorsFile file;
  private final TopKRecord layout;
  private final MemorySegment records;

  private TeacherFile(Path path, TeacherHeader header, SafetensorsFile file) {
    this.path = path;
    this.header = header;
    this.file = file;
    this.layout = header.record();
    this.records = file.segment(TeacherHeader.RECORDS);
  }

  /**
   * Opens a file.
   *
   * @throws InvalidInput if it can't be read, is cut off, or is another kind of file
   */
  public static TeacherFile open(Path path) {
    InvalidInput.requireExists(path);
    SafetensorsFile file = SafetensorsFile.open(path);
    try {
      return new TeacherFile(path, header(path, file), file);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static TeacherHeader header(Path path, SafetensorsFile file) {
    Map<String, String> entries = file.metadata();
    String format = entries.getOrDefault(TeacherHeader.FORMAT, "");
    TensorInfo tensor = file.tensors().get(TeacherHeader.RECORDS);
    if (!format.equals(TeacherHeader.THIS_FORMAT) || tensor == null) {
      throw new InvalidInput(
          "%s is no teacher's file as this version of Gemlab writes it: its format is %s%s"
              .formatted(path, InvalidInput.shown(format), AGAIN));
    }
    TensorShape shape = tensor.shape();
    boolean isTable = tensor.type() == ElementType.U8 && shape.rank() == 3;
    TeacherHeader header =
        new TeacherHeader(
            entries.getOrDefault(TeacherHeader.TEACHER, ""),
            entries.getOrDefault(TeacherHeader.TEACHER_SHA256, ""),
            entries.getOrDefault(TeacherHeader.COMPUTED, ""),
            entries.getOrDefault(TeacherHeader.DATA, ""),
            entries.getOrDefault(TeacherHeader.DATA_SHA256, ""),
            isTable ? size(shape, 0) : 0,
            isTable ? size(shape, 1) : 0,
            (int) number(path, entries, TeacherHeader.TOP_K),
            number(path, entries, TeacherHeader.FLOPS),
            number(path, entries, TeacherHeader.TEMPERATURE),
            ModelTraits.among(entries));
    boolean isSound =
        header.rows() > 0
            && header.length() > 0
            && header.topK() > 0
            && header.topK() <= header.traits().vocabSize()
            && shape.equals(header.records().shape());
    if (isSound) return header;
    throw new InvalidInput(
        "%s: records of %s are not those of %s tokens each%s"
            .formatted(path, shape, entries.get(TeacherHeader.TOP_K), AGAIN));
  }

  /** A dimension; 0 where it is larger than a number of rows can be. */
  private static int size(TensorShape shape, int axis) {
    long size = shape.dimensions().get(axis);
    return size <= Integer.MAX_VALUE ? (int) size : 0;
  }

  private static double number(Path path, Map<String, String> entries, String key) {
    String value = entries.getOrDefault(key, "");
    try {
      double number = Double.parseDouble(value);
      if (number > 0 && Double.isFinite(number)) return number;
    } catch (NumberFormatException e) {
      // Refused below, with what stands there.
    }
    throw new InvalidInput(
        "%s: %s is %s, which no file has%s".formatted(path, key, InvalidInput.shown(value), AGAIN));
  }

  /** What it is of. */
  public TeacherHeader header() {
    return header;
  }

  /** Who taught, for people. */
  public String described() {
    return "%s: %d of %d tokens at temperature %s by %s (%s, SHA-256 %s), of data with SHA-256 %s"
        .formatted(
            path,
            header.topK(),
            header.traits().vocabSize(),
            header.temperature(),
            header.teacher(),
            header.computed(),
            header.teacherSha256(),
            header.dataSha256());
  }

  /**
   * The same rows with what the teacher says of each position.
   *
   * @throws InvalidInput if it is of other rows
   */
  public TrainingRows teach(TrainingRows rows) {
    if (rows.length() != header.length() || rows.count() != header.rows()) {
      throw new InvalidInput(
          "%s is of %d rows of %d tokens, and the recipe's data has %d of %d; name the file of this data, or make it (gemlab teacher)"
              .formatted(path, header.rows(), header.length(), rows.count(), rows.length()));
    }
    String found = sha256(rows);
    if (!found.equals(header.dataSha256())) {
      throw new InvalidInput(
          "%s is of other data (SHA-256 of its rows %s, the recipe's %s); name the file of this data, or make it (gemlab teacher)"
              .formatted(path, InvalidInput.shown(header.dataSha256()), found));
    }
    return new TrainingRows() {
      @Override
      public int count() {
        return rows.count();
      }

      @Override
      public int length() {
        return rows.length();
      }

      @Override
      public long scored() {
        return rows.scored();
      }

      @Override
      public LabelledBatch batch(int... numbers) {
        LabelledBatch batch = rows.batch(numbers);
        return new LabelledBatch(batch.tokens(), batch.labels(), arguments(numbers));
      }
    };
  }

  /** What {@link TopKLoss} takes of rows. */
  private Map<String, HostTensor> arguments(int... numbers) {
    int k = header.topK();
    int length = header.length();
    int[] ids = new int[numbers.length * length * k];
    float[] logP = new float[ids.length];
    float[] rest = new float[numbers.length * length];
    for (int b = 0; b < numbers.length; b++) {
      for (int t = 0; t < length; t++) {
        int m = b * length + t;
        long record = (long) numbers[b] * length + t;
        try {
          rest[m] =
              layout.read(
                  records, record * layout.bytes(), header.traits().vocabSize(), ids, logP, m * k);
        } catch (IllegalArgumentException e) {
          throw new InvalidInput(
              "%s: row %d, position %d (counted from 0) %s: the file is damaged%s"
                  .formatted(path, numbers[b], t, e.getMessage(), AGAIN),
              e);
        }
      }
    }
    return Map.of(
        TopKLoss.IDS, HostTensor.of(ids, numbers.length, length, k),
        TopKLoss.LOG_PROBABILITIES, HostTensor.of(logP, numbers.length, length, k),
        TopKLoss.REST, HostTensor.of(rest, numbers.length, length));
  }

  /** Whose file it is, and how it was made. */
  public TeacherIdentity identity() {
    return new TeacherIdentity(path.toString(), Sha256.of(header.metadata().toString()));
  }

  /** Tells rows from others: of every id, and of the document that it stands in. */
  public static String sha256(TrainingRows rows) {
    Sha256.Pieces pieces = new Sha256.Pieces();
    ByteBuffer bytes =
        ByteBuffer.allocate(2 * rows.length() * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int row = 0; row < rows.count(); row++) {
      TokenBatch tokens = rows.batch(row).tokens();
      bytes.asIntBuffer().put(tokens.inputIds()[0]).put(tokens.documents()[0]);
      pieces.add(bytes);
    }
    return pieces.hex();
  }

  /** Unmaps it; no row can be asked for afterwards. */
  @Override
  public void close() {
    file.close();
  }
}
