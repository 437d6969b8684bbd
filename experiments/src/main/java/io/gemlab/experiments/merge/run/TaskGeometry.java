package io.gemlab.experiments.merge.run;

import io.gemlab.experiments.merge.method.InnerProducts;
import io.gemlab.experiments.merge.plan.PlannedTensor;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Summary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lengths of models' task vectors and angles between them, gathered tensor by tensor. */
final class TaskGeometry {
  private final Map<String, Double> squares = new LinkedHashMap<>();
  private final Map<Pair, Double> products = new LinkedHashMap<>();
  private final Map<Pair, List<Double>> angles = new LinkedHashMap<>();

  /** Two models. */
  private record Pair(String one, String other) {}

  /**
   * Adds a tensor.
   *
   * @param ofTensor the inner products of its inputs' task vectors
   */
  void add(PlannedTensor tensor, InnerProducts ofTensor) {
    List<String> names = new ArrayList<>();
    for (int input = 0; input < tensor.inputs().size(); input++) {
      if (tensor.base().orElseThrow() == input) continue;
      names.add(tensor.inputs().get(input).model().reference().toString());
    }
    for (int b = 0; b < names.size(); b++) {
      squares.merge(names.get(b), ofTensor.of(b, b), Double::sum);
      for (int a = 0; a < b; a++) {
        Pair pair = new Pair(names.get(a), names.get(b));
        double product = ofTensor.of(a, b);
        products.merge(pair, product, Double::sum);
        double lengths = Math.sqrt(ofTensor.of(a, a)) * Math.sqrt(ofTensor.of(b, b));
        // A task vector of 0 has no direction.
        if (lengths == 0) continue;
        angles.computeIfAbsent(pair, _ -> new ArrayList<>()).add(degrees(product, lengths));
      }
    }
  }

  List<FrontTable.Policy> policies() {
    List<FrontTable.Policy> policies = new ArrayList<>();
    squares.forEach((model, sum) -> policies.add(new FrontTable.Policy(model, Math.sqrt(sum))));
    return policies;
  }

  List<FrontTable.Angle> angles() {
    List<FrontTable.Angle> all = new ArrayList<>();
    angles.forEach(
        (pair, ofTensors) -> {
          Summary summary = Summary.of(ofTensors, Confidence.NINETY_FIVE);
          double lengths =
              Math.sqrt(squares.get(pair.one())) * Math.sqrt(squares.get(pair.other()));
          all.add(
              new FrontTable.Angle(
                  pair.one(),
                  pair.other(),
                  degrees(products.get(pair), lengths),
                  summary.min(),
                  summary.median(),
                  summary.max()));
        });
    return all;
  }

  private static double degrees(double product, double lengths) {
    return Math.toDegrees(Math.acos(Math.clamp(product / lengths, -1, 1)));
  }
}
