package io.gemlab.experiments.distill;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.base.text.TokenType;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a teacher's file is of.
 *
 * @param teacher where the checkpoint was
 * @param teacherSha256 of its config and weights
 * @param computed how it was computed: type, quantization
 * @param data the corpus
 * @param dataSha256 of every id of the rows and the document that it stands in
 * @param rows how many
 * @param length positions of each
 * @param topK tokens kept at each position
 * @param flopsAToken that the teacher's forward pass over a row asks for, a token
 * @param temperature what capped logits were divided by
 * @param traits the teacher's
 */
public record TeacherHeader(
    String teacher,
    String teacherSha256,
    String computed,
    String data,
    String dataSha256,
    int rows,
    int length,
    int topK,
    double flopsAToken,
    double temperature,
    ModelTraits traits) {
  static final String FORMAT = "format";
  static final String THIS_FORMAT = "gemlab teacher 1";
  static final String TEACHER = "teacher";
  static final String TEACHER_SHA256 = "teacher_sha256";
  static final String COMPUTED = "computed";
  static final String DATA = "data";
  static final String DATA_SHA256 = "data_sha256";
  static final String TOP_K = "top_k";
  static final String FLOPS = "flops_a_token";
  static final String TEMPERATURE = "temperature";

  /** The only tensor of the file: a record for each position. */
  static final String RECORDS = "records";

  /** What a position takes. */
  TopKRecord record() {
    return new TopKRecord(topK, TokenType.of(traits.vocabSize()));
  }

  /** Bytes of all records. */
  public long bytes() {
    return (long) rows * length * record().bytes();
  }

  TensorSpec records() {
    return new TensorSpec(RECORDS, ElementType.U8, TensorShape.of(rows, length, record().bytes()));
  }

  /** What the file's metadata says, in order. */
  Map<String, String> metadata() {
    Map<String, String> entries = new LinkedHashMap<>();
    entries.put(FORMAT, THIS_FORMAT);
    entries.put(TEACHER, teacher);
    entries.put(TEACHER_SHA256, teacherSha256);
    entries.put(COMPUTED, computed);
    entries.put(DATA, data);
    entries.put(DATA_SHA256, dataSha256);
    entries.put(TOP_K, String.valueOf(topK));
    entries.put(FLOPS, String.valueOf(flopsAToken));
    entries.put(TEMPERATURE, String.valueOf(temperature));
    entries.putAll(traits.values());
    return entries;
  }
}
