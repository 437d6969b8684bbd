package io.gemlab.reports.statistics.items;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.statistics.Confidence;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ItemStatisticsTest {
  /** lm-eval's standard error of 47 right answers of 100. */
  @Test
  void aMeansErrorIsTheStandardDeviationOverTheRoot() {
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 100; i++) items.add(new Item(i < 47 ? 1 : 0, 1, "c" + i));
    ItemScore score = ItemScore.of(items, Aggregate.MEAN);
    assertEquals(0.47, score.score(), 1e-12);
    assertEquals(0.050161, score.standardError(), 1e-6);
    assertEquals(score.standardError(), score.clusteredError(), 1e-12);
    assertFalse(score.isClustered());
  }

  /** Each item four times is as good as each once. */
  @Test
  void itemsOfAClusterCountAsOne() {
    List<Item> once = new ArrayList<>();
    List<Item> fourTimes = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 50; i++) {
      Item item = new Item(random.nextInt(2), 1, "c" + i);
      once.add(item);
      for (int k = 0; k < 4; k++) fourTimes.add(item);
    }
    ItemScore alone = ItemScore.of(once, Aggregate.MEAN);
    ItemScore repeated = ItemScore.of(fourTimes, Aggregate.MEAN);
    assertEquals(alone.standardError(), repeated.clusteredError(), 1e-12);
    assertTrue(repeated.standardError() < 0.51 * alone.standardError());
    assertEquals(50, repeated.clusters());
  }

  /** The delta method against drawing the items anew. */
  @Test
  void perplexitysErrorIsTheBootstraps() {
    SplittableRandom random = new SplittableRandom(1);
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      int words = random.nextInt(1, 20);
      items.add(new Item(-words * random.nextDouble(1, 4), words, "c" + i));
    }
    ItemScore score = ItemScore.of(items, Aggregate.PERPLEXITY);
    double sum = 0;
    double squares = 0;
    for (int k = 0; k < 2000; k++) {
      double value = 0;
      double weight = 0;
      for (int i = 0; i < items.size(); i++) {
        Item drawn = items.get(random.nextInt(items.size()));
        value += drawn.value();
        weight += drawn.weight();
      }
      double perplexity = Math.exp(-value / weight);
      sum += perplexity;
      squares += perplexity * perplexity;
    }
    double bootstrap = Math.sqrt(squares / 2000 - sum / 2000 * sum / 2000);
    assertEquals(bootstrap, score.standardError(), 0.1 * bootstrap);
  }

  /** By R: binom.test(3, 15)$p.value and its like. */
  @ParameterizedTest
  @CsvSource({"3, 12, 0.03515625", "0, 0, 1", "5, 5, 1", "0, 6, 0.03125", "40, 20, 0.01351"})
  void mcNemarIsTheExactTest(int onlyFirst, int onlySecond, double pValue) {
    List<PairedItem> items = new ArrayList<>();
    for (int i = 0; i < onlyFirst; i++) items.add(new PairedItem(1, 0, 1, "a" + i));
    for (int i = 0; i < onlySecond; i++) items.add(new PairedItem(0, 1, 1, "b" + i));
    for (int i = 0; i < 30; i++) items.add(new PairedItem(i % 2, i % 2, 1, "c" + i));
    McNemar test = McNemar.of(items);
    assertEquals(onlyFirst, test.onlyFirst());
    assertEquals(pValue, test.pValue(), 1e-4);
  }

  /** Items that go together widen the interval; equal answers leave none. */
  @Test
  void pairsAreComparedByClusters() {
    SplittableRandom random = new SplittableRandom(3);
    List<PairedItem> alone = new ArrayList<>();
    List<PairedItem> together = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      double second = random.nextInt(2);
      double first = random.nextInt(10) == 0 ? 1 - second : second;
      alone.add(new PairedItem(first, second, 1, "c" + i));
      for (int k = 0; k < 3; k++) together.add(new PairedItem(first, second, 1, "c" + i));
    }
    PairedScores one = PairedScores.of(alone, Aggregate.MEAN, Confidence.NINETY_FIVE);
    PairedScores three = PairedScores.of(together, Aggregate.MEAN, Confidence.NINETY_FIVE);
    assertEquals(one.difference(), three.difference(), 1e-12);
    assertEquals(one.interval().halfWidth(), three.interval().halfWidth(), 1e-9);
    List<PairedItem> equal =
        alone.stream().map(i -> new PairedItem(i.first(), i.first(), 1, i.cluster())).toList();
    PairedScores same = PairedScores.of(equal, Aggregate.MEAN, Confidence.NINETY_FIVE);
    assertEquals(0, same.interval().halfWidth());
    assertEquals(1, same.mcNemar().orElseThrow().pValue());
  }

  @Test
  void valuesThatAreNoAnswersHaveNoMcNemar() {
    List<PairedItem> items = List.of(new PairedItem(0.5, 1, 1, "a"), new PairedItem(1, 1, 1, "b"));
    assertTrue(PairedScores.of(items, Aggregate.MEAN, Confidence.NINETY_FIVE).mcNemar().isEmpty());
    assertThrows(IllegalArgumentException.class, () -> McNemar.of(items));
  }

  /** Variances that the values were drawn with come out. */
  @Test
  void theVarianceIsDividedAmongItemsAndFormats() {
    java.util.Random random = new java.util.Random(8);
    int items = 4000;
    int formats = 40;
    double[] ofFormat = random.doubles(formats).map(x -> 3.4641 * 0.3 * (x - 0.5)).toArray();
    double[][] values = new double[items][formats];
    for (double[] row : values) {
      double ofItem = 2 * random.nextGaussian();
      for (int f = 0; f < formats; f++) {
        row[f] = 5 + ofItem + ofFormat[f] + 0.7 * random.nextGaussian();
      }
    }
    FormatSpread spread = FormatSpread.of(values);
    assertEquals(4, spread.ofItems(), 0.2);
    assertEquals(0.09, spread.ofFormats(), 0.04);
    assertEquals(0.49, spread.ofBoth(), 0.01);
    assertEquals(0.3, spread.standardDeviation(), 0.07);
  }

  @Test
  void signalIsMeasuredAgainstTheCheckpointsNoise() {
    CheckpointNoise noise =
        CheckpointNoise.of(List.of(0.50, 0.52, 0.48, 0.51, 0.49), OptionalDouble.of(0.4));
    assertEquals(0.0158114 / 0.5, noise.noise(), 1e-6);
    assertEquals(0.1 / 0.45, noise.signal().getAsDouble(), 1e-9);
    assertEquals(0.1 / 0.45 / (0.0158114 / 0.5), noise.ratio().getAsDouble(), 1e-4);
    assertTrue(CheckpointNoise.of(List.of(0.5, 0.5), OptionalDouble.of(0.4)).ratio().isEmpty());
  }
}
