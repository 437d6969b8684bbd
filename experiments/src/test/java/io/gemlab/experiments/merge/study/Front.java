package io.gemlab.experiments.merge.study;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A front's points by ascending eta, and what lies between them: KL and loss are cubics of eta
 * through the four points around. As functions of each other they bend too much for that.
 *
 * @param points four or more, of growing KL
 */
record Front(List<ScoredModel> points) {
  private static final int AROUND = 4;
  private static final int HALVINGS = 50;

  /**
   * The loss where the front has this KL.
   *
   * @throws IllegalArgumentException if it ends before
   */
  double lossAt(double kl) {
    if (kl > points.getLast().score().kl()) {
      throw new IllegalArgumentException(
          "the front ends at a KL of " + points.getLast().score().kl() + ", before " + kl);
    }
    int before = 0;
    while (points.get(before + 1).score().kl() < kl) before++;
    int first = Math.clamp(before - 1, 0, points.size() - AROUND);
    List<ScoredModel> around = points.subList(first, first + AROUND);
    double low = points.get(before).at();
    double high = points.get(before + 1).at();
    for (int halving = 0; halving < HALVINGS; halving++) {
      double middle = (low + high) / 2;
      if (cubic(around, ModelScores.Score::kl, middle) < kl) low = middle;
      else high = middle;
    }
    return cubic(around, ModelScores.Score::loss, low);
  }

  private static double cubic(
      List<ScoredModel> points, ToDoubleFunction<ModelScores.Score> measure, double eta) {
    double sum = 0;
    for (ScoredModel own : points) {
      double weight = 1;
      for (ScoredModel other : points) {
        if (other != own) weight *= (eta - other.at()) / (own.at() - other.at());
      }
      sum += weight * measure.applyAsDouble(own.score());
    }
    return sum;
  }
}
