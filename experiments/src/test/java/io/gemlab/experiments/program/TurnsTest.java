package io.gemlab.experiments.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import io.gemlab.reports.record.Turn;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.timing.PairedRatio;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TurnsTest {
  private static final Confidence CONFIDENCE = Confidence.NINETY_FIVE;

  private static Turn turn(int round, double others, double... samples) {
    Turn.Builder turn =
        Turn.newBuilder()
            .setMeasurement("time")
            .setSitting(Timestamp.newBuilder().setSeconds(1))
            .setRound(round)
            .setOthers(others)
            .setDisturbed(others > 0.05);
    for (double sample : samples) turn.addSamples(sample);
    return turn.build();
  }

  private static Turns quiet(double... times) {
    return new Turns(
        IntStream.range(0, times.length).mapToObj(i -> turn(i + 1, 0, times[i])).toList());
  }

  /** Both get slower by half from turn to turn; one is 1.2 times the other in all. */
  @Test
  void aDriftCancels() {
    PairedRatio ratio =
        quiet(12, 18, 27, 40.5).ratio(quiet(10, 15, 22.5, 33.75), CONFIDENCE).orElseThrow();
    assertEquals(1.2, ratio.ratio(), 1e-12);
    assertEquals(1.2, ratio.interval().low(), 1e-9);
    assertEquals(1.2, ratio.interval().high(), 1e-9);
  }

  @Test
  void ofARoundTheLastTurnCountsAndOfATurnTheMedian() {
    Turns turns =
        new Turns(
            List.of(
                turn(1, 0.4, 90, 99), turn(1, 0.01, 10, 14, 11), turn(2, 0, 12), turn(3, 0, 13)));
    assertEquals(List.of(11.0, 12.0, 13.0), turns.times());
    assertEquals(Optional.empty(), turns.disturbance());
    assertEquals(1, turns.disturbed());
  }

  @Test
  void roundsThatStayDisturbedAreLeftOut() {
    Turns turns =
        new Turns(
            List.of(
                turn(1, 0, 10), turn(2, 0.5, 40), turn(3, 0, 10), turn(4, 0, 10), turn(5, 0, 10)));
    assertEquals(List.of(10.0, 10.0, 10.0, 10.0), turns.times());
    assertEquals(2, turns.ratio(quiet(5, 5, 5, 5, 5), CONFIDENCE).orElseThrow().ratio(), 1e-12);
  }

  @Test
  void withFewQuietRoundsItIsNotCompared() {
    Turns turns = new Turns(List.of(turn(1, 0, 10), turn(2, 0.4, 40), turn(3, 0.52, 41)));
    assertEquals(
        Optional.of("other work took 46 % of the cores while it was measured"),
        turns.disturbance());
    assertEquals(Optional.empty(), turns.ratio(quiet(5, 5, 5), CONFIDENCE));
    assertEquals(List.of(10.0, 40.0, 41.0), turns.times());
    TurnsText text =
        new TurnsText(Map.of("training step, graph", turns, "forward pass, graph", quiet(1, 1, 1)));
    assertTrue(
        text.notices().toString().contains("training step, graph (other work took 46 % of"),
        text.notices()::toString);
    assertTrue(text.method().contains("Of 6 turns, 2 were disturbed"), text.method());
  }

  /** A few ticks of one turn are rounding, and so are they of some. */
  @Test
  void aSteadyLoadIsToldFromAllTurns() {
    Turns loaded = steadily(0.08, 0.08, 0.04, 0.08);
    assertEquals(
        Optional.of("other work took 7.0 % of the cores while it was measured"),
        loaded.disturbance());
    assertEquals(Optional.empty(), loaded.ratio(quiet(5, 5, 5, 5), CONFIDENCE));
    assertEquals(Optional.empty(), quiet(5, 5, 5, 5).ratio(loaded, CONFIDENCE));
    assertEquals(List.of(10.0, 10.0, 10.0, 10.0), loaded.times());

    Turns alone = steadily(0.08, 0, 0, 0.08);
    assertEquals(Optional.empty(), alone.disturbance());
    assertEquals(2, alone.ratio(quiet(5, 5, 5, 5), CONFIDENCE).orElseThrow().ratio(), 1e-12);
  }

  private static Turns steadily(double... others) {
    return new Turns(
        IntStream.range(0, others.length)
            .mapToObj(i -> turn(i + 1, others[i], 10).toBuilder().setDisturbed(false).build())
            .toList());
  }

  @Test
  void aHostThatWithholdsTimeIsNamed() {
    Turn stolen = turn(1, 0.01, 10).toBuilder().setStolen(0.3).setDisturbed(true).build();
    assertEquals(
        Optional.of("the machine's host gave 30 % of the cores to others while it was measured"),
        new Turns(List.of(stolen)).disturbance());
  }

  @Test
  void turnsOfAnotherSittingAreNoPairs() {
    Turns later =
        new Turns(
            quiet(5, 5, 5).all().stream()
                .map(turn -> turn.toBuilder().setSitting(Timestamp.newBuilder().setSeconds(2)))
                .map(Turn.Builder::build)
                .toList());
    assertFalse(later.tookTurnsWith(quiet(5, 5, 5)));
    assertEquals(Optional.empty(), later.ratio(quiet(5, 5, 5), CONFIDENCE));
  }

  @Test
  void ofRecordsWithoutTurnsNothingIsSaid() {
    Turns none = new Turns(List.of());
    assertEquals(Optional.empty(), none.disturbance());
    assertEquals("", new TurnsText(Map.of("a", none)).method());
    assertEquals(List.of(), new TurnsText(Map.of("a", none)).notices());
  }

  @Test
  void whatTheSystemDoesNotTellIsNotClaimed() {
    Turn untold = turn(1, 0, 10).toBuilder().clearOthers().build();
    String method = new TurnsText(Map.of("a", new Turns(List.of(untold)))).method();
    assertTrue(method.endsWith("does not tell what else the machine did meanwhile."), method);
  }
}
