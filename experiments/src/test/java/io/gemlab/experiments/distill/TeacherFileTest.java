package io.gemlab.experiments.distill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.SmallModel;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.text.TrainingRows;
import io.gemlab.graph.train.TopKLoss;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was written is read, and nothing else passes for it. */
class TeacherFileTest {
  private static final int ROWS = 3;
  private static final int LENGTH = 4;
  private static final int K = 5;
  private static final int VOCABULARY = SmallModel.config().vocabSize();

  @TempDir private Path folder;
  private Path file;

  /** What a teacher said: [rows, T, K], and [rows, T]. */
  private final int[] ids = new int[ROWS * LENGTH * K];

  private final float[] logP = new float[ROWS * LENGTH * K];
  private final float[] rest = new float[ROWS * LENGTH];

  @BeforeEach
  void say() {
    file = folder.resolve("teacher.safetensors");
    SplittableRandom random = new SplittableRandom(7);
    for (int m = 0; m < rest.length; m++) {
      double[] p = random.doubles(K + 1, 1e-4, 1).toArray();
      double sum = Arrays.stream(p).sum();
      for (int k = 0; k < K; k++) {
        ids[m * K + k] = (m * 31 + k * 7) % VOCABULARY;
        logP[m * K + k] = (float) Math.log(p[k] / sum);
      }
      rest[m] = (float) (p[K] / sum);
    }
  }

  @Test
  void whatWasWrittenIsReadInWhateverOrder() throws IOException {
    TeacherFileWriter.Loss loss = write(rows(0), false, ROWS);
    assertEquals(ROWS * LENGTH, loss.positions());
    assertTrue(loss.rounding() >= 0 && loss.rounding() / loss.positions() < 1e-6);
    assertEquals(4 + K * (2 + 2), header(rows(0)).record().bytes());
    try (TeacherFile read = TeacherFile.open(file)) {
      assertEquals(header(rows(0)), read.header());
      Map<String, HostTensor> told = read.teach(rows(0)).batch(2, 0).arguments();
      for (int b = 0; b < 2; b++) {
        int row = b == 0 ? 2 : 0;
        int from = row * LENGTH;
        assertArrayEquals(
            Arrays.copyOfRange(rest, from, from + LENGTH),
            part(told.get(TopKLoss.REST).floats(), b, LENGTH));
        assertArrayEquals(
            Arrays.copyOfRange(ids, from * K, (from + LENGTH) * K),
            Arrays.copyOfRange(
                told.get(TopKLoss.IDS).ints(), b * LENGTH * K, (b + 1) * LENGTH * K));
        float[] exact = Arrays.copyOfRange(logP, from * K, (from + LENGTH) * K);
        float[] rounded = part(told.get(TopKLoss.LOG_PROBABILITIES).floats(), b, LENGTH * K);
        for (int i = 0; i < exact.length; i++) {
          assertEquals(exact[i], rounded[i], 0x1p-11 * Math.abs(exact[i]) + 2e-3);
        }
      }
      float[] all = told.get(TopKLoss.LOG_PROBABILITIES).floats();
      float[] left = told.get(TopKLoss.REST).floats();
      for (int m = 0; m < left.length; m++) {
        double sum = left[m];
        for (int k = 0; k < K; k++) sum += Math.exp(all[m * K + k]);
        assertEquals(1, sum, 1e-6);
      }
    }
  }

  /** Bit for bit as if nobody had been killed: here amid the second row. */
  @Test
  void goesOnBehindTheLastWholeRow() throws IOException {
    write(rows(0), false, ROWS);
    byte[] whole = Files.readAllBytes(file);
    Files.delete(file);
    write(rows(0), false, 2);
    Path partial = TeacherFileWriter.partial(file);
    byte[] two = Files.readAllBytes(partial);
    Files.write(partial, Arrays.copyOf(two, two.length - 3));

    refused("teacher.safetensors.partial is there: give --resume", rows(0), false);
    refused("was begun otherwise: data_sha256 was", rows(1), true);
    try (TeacherFileWriter writer = TeacherFileWriter.open(file, header(rows(0)), true)) {
      assertEquals(1, writer.rows());
      add(writer, 1, ROWS);
      writer.finish();
    }
    assertArrayEquals(whole, Files.readAllBytes(file));
    assertFalse(Files.exists(partial));
    refused("is whole; delete it, or name another", rows(0), true);
    Files.delete(file);
    refused("is not there: nothing to resume", rows(0), true);
  }

  /** Or each of two would write behind what the other wrote. */
  @Test
  void ofTwoWritersOneIsRefused() throws IOException {
    try (TeacherFileWriter writer = TeacherFileWriter.open(file, header(rows(0)), false)) {
      assertEquals(0, writer.rows());
      refused("is being written by another", rows(0), true);
    }
  }

  @Test
  void anothersRowsAreRefused() throws IOException {
    write(rows(0), false, ROWS);
    try (TeacherFile read = TeacherFile.open(file)) {
      assertTrue(
          assertThrows(InvalidInput.class, () -> read.teach(rows(1)))
              .getMessage()
              .contains("is of other data (SHA-256 of its rows "));
      TrainingRows fewer = new Rows(0, ROWS - 1);
      assertTrue(
          assertThrows(InvalidInput.class, () -> read.teach(fewer))
              .getMessage()
              .contains("is of 3 rows of 4 tokens, and the recipe's data has 2 of 4"));
    }
  }

  @Test
  void whatIsNoTeachersFileIsRefused() throws IOException {
    write(rows(0), false, ROWS);
    byte[] sound = Files.readAllBytes(file);
    refusedToOpen("not safetensors, or damaged", Files.write(file, "no file".repeat(9).getBytes()));
    refusedToOpen("data", Files.write(file, Arrays.copyOf(sound, sound.length - 1)));
    refusedToOpen(
        "format is \"gemlab teacher 9\"", changed(sound, "gemlab teacher 1", "gemlab teacher 9"));
    refusedToOpen("records of", changed(sound, "\"top_k\":\"5\"", "\"top_k\":\"6\""));
    refusedToOpen("top_k is \"-\"", changed(sound, "\"top_k\":\"5\"", "\"top_k\":\"-\""));
    refusedToOpen(
        "flops_a_token is \"0.0E9\"",
        changed(sound, "\"flops_a_token\":\"2.0E9\"", "\"flops_a_token\":\"0.0E9\""));
    refusedToOpen(
        "temperature is \"0.0\"",
        changed(sound, "\"temperature\":\"1.0\"", "\"temperature\":\"0.0\""));
    assertTrue(
        assertThrows(InvalidInput.class, () -> TeacherFile.open(folder.resolve("none")))
            .getMessage()
            .contains("does not exist"));
  }

  @Test
  void aDamagedRecordIsRefusedWithItsPlace() throws IOException {
    write(rows(0), false, ROWS);
    byte[] sound = Files.readAllBytes(file);
    int record = header(rows(0)).record().bytes();
    int second = sound.length - 2 * LENGTH * record + record;
    refusedToRead("has a rest of NaN", with(sound, second + 2, 0xc0, 0x7f));
    refusedToRead("has a rest of 2.0", with(sound, second, 0, 0, 0, 0x40));
    refusedToRead("names token 65535 of a vocabulary of", with(sound, second + 4, 0xff, 0xff));
    refusedToRead("has probabilities that sum to", with(sound, second + 4 + 2 * K, 0, 0));
    refusedToRead("has probabilities that sum to NaN", with(sound, second + 4 + 2 * K, 0, 0x7e));
  }

  private void refusedToRead(String problem, byte[] bytes) throws IOException {
    Files.write(file, bytes);
    try (TeacherFile read = TeacherFile.open(file)) {
      TrainingRows taught = read.teach(rows(0));
      taught.batch(0);
      String message = assertThrows(InvalidInput.class, () -> taught.batch(0, 1)).getMessage();
      assertTrue(message.contains("row 1, position 1 (counted from 0) " + problem), message);
    }
  }

  private void refusedToOpen(String problem, Path changed) {
    String message = assertThrows(InvalidInput.class, () -> TeacherFile.open(changed)).getMessage();
    assertTrue(message.contains(problem), message);
    assertEquals(1, message.lines().count());
  }

  private void refused(String problem, TrainingRows rows, boolean resume) {
    String message =
        assertThrows(InvalidInput.class, () -> TeacherFileWriter.open(file, header(rows), resume))
            .getMessage();
    assertTrue(message.contains(problem), message);
  }

  private Path changed(byte[] sound, String from, String to) throws IOException {
    String text = new String(sound, StandardCharsets.ISO_8859_1);
    assertTrue(text.contains(from), from);
    return Files.write(file, text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1));
  }

  private static byte[] with(byte[] sound, int at, int... bytes) {
    byte[] changed = sound.clone();
    ByteBuffer target = ByteBuffer.wrap(changed).position(at);
    for (int each : bytes) target.put((byte) each);
    return changed;
  }

  private static float[] part(float[] all, int number, int size) {
    return Arrays.copyOfRange(all, number * size, (number + 1) * size);
  }

  private TeacherFileWriter.Loss write(TrainingRows rows, boolean resume, int count)
      throws IOException {
    try (TeacherFileWriter writer = TeacherFileWriter.open(file, header(rows), resume)) {
      TeacherFileWriter.Loss loss = add(writer, 0, count);
      if (count == ROWS) writer.finish();
      return loss;
    }
  }

  private TeacherFileWriter.Loss add(TeacherFileWriter writer, int from, int to)
      throws IOException {
    TeacherFileWriter.Loss loss = TeacherFileWriter.Loss.NONE;
    for (int row = from; row < to; row++) {
      int m = row * LENGTH;
      loss =
          loss.plus(
              writer.add(
                  1,
                  Arrays.copyOfRange(ids, m * K, (m + LENGTH) * K),
                  Arrays.copyOfRange(logP, m * K, (m + LENGTH) * K),
                  Arrays.copyOfRange(rest, m, m + LENGTH)));
    }
    return loss;
  }

  private static TeacherHeader header(TrainingRows rows) {
    return new TeacherHeader(
        "folder",
        "a".repeat(64),
        "float32",
        "corpus",
        TeacherFile.sha256(rows),
        rows.count(),
        LENGTH,
        K,
        2e9,
        1,
        ModelTraits.of(SmallModel.config(), "b".repeat(64)));
  }

  private static TrainingRows rows(int first) {
    return new Rows(first, ROWS);
  }

  /** Rows of tokens that count on from row to row. */
  private record Rows(int first, int count) implements TrainingRows {
    @Override
    public int length() {
      return LENGTH;
    }

    @Override
    public long scored() {
      return (long) count * LENGTH;
    }

    @Override
    public LabelledBatch batch(int... numbers) {
      List<int[]> ids = new ArrayList<>();
      for (int number : numbers) {
        int[] row = new int[LENGTH];
        Arrays.setAll(row, t -> first + number * LENGTH + t);
        ids.add(row);
      }
      int[][] all = ids.toArray(int[][]::new);
      return LabelledBatch.of(all, all);
    }
  }
}
