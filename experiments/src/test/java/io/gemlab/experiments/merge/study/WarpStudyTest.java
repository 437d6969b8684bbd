package io.gemlab.experiments.merge.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.reports.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Makes what docs/results/warp.md says; {@code experiments/studies/warp.sh} starts it. Half an hour
 * on two cores.
 */
@Tag("slow")
class WarpStudyTest {
  private static final String OUT = "GEMLAB_WARP_STUDY";
  private static final String CORPUS = "GEMLAB_WARP_CORPUS";
  private static final long[] TUNING = {11, 12};
  private static final long[] SEEDS = {1, 2, 3, 4, 5, 6, 7, 8};
  private static final double[] RATES = {0.001, 0.002, 0.004, 0.008};

  @Test
  @EnabledIfEnvironmentVariable(named = OUT, matches = ".+")
  void theStudy() throws IOException {
    Path out = Files.createDirectories(Path.of(System.getenv(OUT)));
    String corpus = System.getenv(CORPUS);
    Path records = out.resolve("warp.csv");
    if (!Files.exists(records)) {
      List<String> pilots = new ArrayList<>();
      double constant = rate(out, corpus, "constant", pilots);
      double cosine = rate(out, corpus, "cosine", pilots);
      Files.write(out.resolve("pilots.txt"), pilots);
      List<ScoredModel> models = new ArrayList<>();
      for (long seed : SEEDS) {
        models.addAll(
            new SeedRuns(out.resolve("seed-" + seed), corpus, seed).models(constant, cosine));
        System.out.println("seed " + seed + " is done");
      }
      ScoredModel.write(records, models);
    }
    WarpFindings findings = new WarpFindings(ScoredModel.read(records));
    Files.write(
        out.resolve("tables.md"),
        Stream.of(findings.arms(), List.of(""), findings.comparisons())
            .flatMap(List::stream)
            .toList());
    Files.writeString(
        out.resolve("warp-kl.svg"),
        findings.chart(
            "Validation loss by KL from the base",
            new Quantity("KL from the base", "nats/token"),
            ModelScores.Score::kl));
    Files.writeString(
        out.resolve("warp-distance.svg"),
        findings.chart(
            "Validation loss by distance from the base",
            Quantity.of("distance of weights from the base"),
            ModelScores.Score::distance));
  }

  /** The best of {@link #RATES} on seeds that the study doesn't use. */
  private static double rate(Path out, String corpus, String schedule, List<String> said)
      throws IOException {
    double best = RATES[0];
    double least = Double.POSITIVE_INFINITY;
    for (double rate : RATES) {
      double sum = 0;
      for (long seed : TUNING) {
        sum += new SeedRuns(out.resolve("tuning-" + seed), corpus, seed).loss(schedule, rate);
      }
      said.add(String.format(Locale.ROOT, "%s %s %.4f", schedule, rate, sum / TUNING.length));
      if (sum < least) {
        least = sum;
        best = rate;
      }
    }
    return best;
  }

  @Test
  void betweenPointsAFrontBends() {
    List<ScoredModel> points =
        DoubleStream.iterate(0, eta -> eta < 1.05, eta -> eta + 0.1)
            .mapToObj(eta -> new ScoredModel(1, "front", 0, eta, score(eta)))
            .toList();
    for (double eta : new double[] {0.03, 0.25, 0.6, 0.99}) {
      assertEquals(score(eta).loss(), new Front(points).lossAt(score(eta).kl()), 1e-12);
    }
    assertThrows(IllegalArgumentException.class, () -> new Front(points).lossAt(1.1));
  }

  private static ModelScores.Score score(double eta) {
    double left = 1 - eta;
    return new ModelScores.Score(2 + left * left * left, (eta + eta * eta) / 2, 0, 0);
  }
}
