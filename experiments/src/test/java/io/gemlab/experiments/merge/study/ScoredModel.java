package io.gemlab.experiments.merge.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A model and what it came to: a line of the study's records.
 *
 * @param seed of all that it was made with
 * @param arm how it was made; models of an arm differ in {@code at} and {@code policy}
 * @param policy which of the policies it is, or comes from; 0 where it is of all
 * @param at eta of a point, or steps done of a run
 * @param score what it came to
 */
record ScoredModel(long seed, String arm, int policy, double at, ModelScores.Score score) {
  private static final String HEADER = "seed,arm,policy,at,loss,kl,base_loss,distance";

  static void write(Path csv, List<ScoredModel> models) throws IOException {
    Files.write(
        csv, Stream.concat(Stream.of(HEADER), models.stream().map(ScoredModel::line)).toList());
  }

  static List<ScoredModel> read(Path csv) throws IOException {
    return Files.readAllLines(csv).stream().skip(1).map(ScoredModel::of).toList();
  }

  private String line() {
    return String.format(
        Locale.ROOT,
        "%d,%s,%d,%s,%.6f,%.6f,%.6f,%.5f",
        seed,
        arm,
        policy,
        at,
        score.loss(),
        score.kl(),
        score.baseLoss(),
        score.distance());
  }

  private static ScoredModel of(String line) {
    String[] parts = line.split(",");
    double[] numbers = Stream.of(parts).skip(3).mapToDouble(Double::parseDouble).toArray();
    return new ScoredModel(
        Long.parseLong(parts[0]),
        parts[1],
        Integer.parseInt(parts[2]),
        numbers[0],
        new ModelScores.Score(numbers[1], numbers[2], numbers[3], numbers[4]));
  }
}
