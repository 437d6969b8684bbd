package io.gemlab.reports.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import io.gemlab.reports.record.Outcome.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunRecordsTest {
  private static final RunRecord RECORD =
      RunRecord.newBuilder()
          .setId("blockwise-softcap.seed-1")
          .setExperiment("ablate")
          .setArm("softcap + blockwise")
          .setSeed(1)
          .addFactors(Factor.newBuilder().setName("attention").setLevel("blockwise"))
          .setStarted(Timestamp.newBuilder().setSeconds(1_790_000_000))
          .setEnded(Timestamp.newBuilder().setSeconds(1_790_000_042).setNanos(500))
          .setOutcome(Outcome.newBuilder().setStatus(Status.COMPLETE))
          .setProvenance(Provenance.newBuilder().setGemlabVersion("0.1.0"))
          .setRecipeYaml("seeds: [1, 2, 3]\n")
          .addSeries(
              Series.newBuilder()
                  .setName("training loss")
                  .setUnit("nats/token")
                  .setXName("step")
                  .addAllX(List.of(1.0, 2.0, 3.0))
                  .addAllY(List.of(5.5, 4.25, Double.NaN)))
          .addMeasurements(
              Measurement.newBuilder()
                  .setName("step time")
                  .setUnit("ms")
                  .setValue(12.5)
                  .addSamples(12.5)
                  .setBetter(Measurement.Better.LOWER))
          .setExecution(Execution.newBuilder().setPathAsked("fused").setPathRan("fused"))
          .addDeviations(Deviation.newBuilder().setSwitch("attention").setAsked("sdpa"))
          .build();

  @TempDir Path folder;

  @Test
  void readsWhatWasWritten() throws IOException {
    Path file = Sealed.write(folder.resolve("runs"), RunRecords.seal(RECORD));
    assertEquals("blockwise-softcap.seed-1.run.pb", file.getFileName().toString());
    RunRecord read = RunRecords.read(file);
    assertEquals(1, read.getSchema());
    assertEquals(RECORD, read.toBuilder().clearSchema().build());
  }

  /** Any protobuf reader takes the file as it is; the checksum is a field like the others. */
  @Test
  void theFileIsTheMessage() throws IOException {
    Path file = Sealed.write(folder, RunRecords.seal(RECORD));
    RunRecord read = RunRecord.parseFrom(Files.readAllBytes(file));
    assertTrue(read.getChecksum() != 0);
    assertEquals(RECORD, read.toBuilder().clearSchema().clearChecksum().build());
  }

  /** A record that was read can be written again, and gives the same bytes. */
  @Test
  void writingAgainChangesNothing() throws IOException {
    Path file = Sealed.write(folder, RunRecords.seal(RECORD));
    byte[] first = Files.readAllBytes(file);
    Sealed.write(folder, RunRecords.seal(RunRecord.parseFrom(first)));
    assertEquals(-1, Arrays.mismatch(first, Files.readAllBytes(file)));
  }

  @Test
  void readsAFolderByName() throws IOException {
    Sealed.write(folder, RunRecords.seal(RECORD.toBuilder().setId("b").build()));
    Sealed.write(folder, RunRecords.seal(RECORD.toBuilder().setId("a").build()));
    Files.writeString(folder.resolve("notes.txt"), "not a record");
    Files.writeString(folder.resolve(".c.run.pb.123.part"), "half a record");
    assertEquals(
        List.of("a", "b"), RunRecords.readAll(folder).stream().map(RunRecord::getId).toList());
  }

  /** Cut at every length, also at the ends of fields, where protobuf alone would notice nothing. */
  @Test
  void refusesARecordThatWasCutShort() throws IOException {
    Path file = Sealed.write(folder, RunRecords.seal(RECORD));
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      var thrown = assertThrows(RecordException.class, () -> RunRecords.read(file));
      assertTrue(thrown.getMessage().startsWith(file + ": "), thrown.getMessage());
      assertTrue(thrown.getMessage().contains("--resume"), thrown.getMessage());
      assertEquals(1, thrown.getMessage().lines().count());
    }
  }

  @Test
  void refusesARecordWithAChangedByte() throws IOException {
    Path file = Sealed.write(folder, RunRecords.seal(RECORD));
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(1);
    for (int at = 0; at < whole.length; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, changed);
      assertThrows(RecordException.class, () -> RunRecords.read(file));
    }
  }

  @Test
  void refusesARecordOfANewerGemlab() throws IOException {
    RunRecord newer = RECORD.toBuilder().setSchema(2).build();
    Path file = Sealed.write(folder, RecordFile.seal("newer", ".run.pb", newer));
    var thrown = assertThrows(RecordException.class, () -> RunRecords.read(file));
    assertTrue(thrown.getMessage().contains("schema 2"), thrown.getMessage());
  }

  @Test
  void refusesWhatIsNotThere() {
    assertThrows(RecordException.class, () -> RunRecords.read(folder.resolve("none.run.pb")));
    assertThrows(RecordException.class, () -> RunRecords.readAll(folder.resolve("none")));
  }

  @Test
  void refusesToWriteARecordThatLacksSomething() {
    assertRefused("is not usable as a file name", RECORD.toBuilder().setId("../escape"));
    assertRefused("is not usable as a file name", RECORD.toBuilder().clearId());
    assertRefused("names no experiment", RECORD.toBuilder().clearExperiment());
    assertRefused("names no arm", RECORD.toBuilder().clearArm());
    assertRefused("started and ended", RECORD.toBuilder().clearEnded());
    assertRefused("how the run ended", RECORD.toBuilder().clearOutcome());
    assertRefused(
        "FAILED with the message \"\"",
        RECORD.toBuilder().setOutcome(Outcome.newBuilder().setStatus(Status.FAILED)));
    RunRecord.Builder uneven = RECORD.toBuilder();
    uneven.getSeriesBuilder(0).addX(4);
    assertRefused("\"training loss\" of 4 x and 3 y", uneven);
  }

  private void assertRefused(String part, RunRecord.Builder record) {
    var thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> Sealed.write(folder, RunRecords.seal(record.build())));
    assertTrue(thrown.getMessage().contains(part), thrown.getMessage());
  }
}
