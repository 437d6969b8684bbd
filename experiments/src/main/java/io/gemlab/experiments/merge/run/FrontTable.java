package io.gemlab.experiments.merge.run;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.merge.method.InnerProducts;
import io.gemlab.experiments.merge.plan.MergePlan;
import io.gemlab.experiments.merge.plan.PlannedTensor;
import io.gemlab.experiments.merge.recipe.FrontPoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the points of a front are, and what they were made of. Distances are of all weights, angles
 * between task vectors in degrees.
 *
 * @param points each with the distance of its weights, as they are stored, from the base's
 * @param policies each with the length of its task vector
 * @param angles of each pair
 */
public record FrontTable(List<Point> points, List<Policy> policies, List<Angle> angles) {
  /** The file that holds it. */
  static final String FILE = "front.json";

  private static final JsonMapper JSON = new JsonMapper();

  /** A model of the front. */
  public record Point(FrontPoint point, double distance) {}

  /** A model that was merged. */
  public record Policy(String model, double distance) {}

  /**
   * How far apart two models' task vectors point.
   *
   * @param whole of all weights as one vector
   * @param least of the tensors, as the next two
   */
  public record Angle(
      String one, String other, double whole, double least, double median, double most) {}

  public FrontTable {
    points = List.copyOf(points);
    policies = List.copyOf(policies);
    angles = List.copyOf(angles);
  }

  /** The table of a front whose weights are written; reads inputs again that it didn't see. */
  static FrontTable of(MergePlan plan, MergedModels models, MergeRecord record) {
    List<Point> points = new ArrayList<>();
    for (FrontPoint point : plan.recipe().points()) {
      double squares =
          record.distances().entrySet().stream()
              .filter(file -> file.getKey().startsWith(point.folder() + "/"))
              .mapToDouble(Map.Entry::getValue)
              .sum();
      points.add(new Point(point, Math.sqrt(squares)));
    }
    Geometry geometry = new Geometry();
    for (PlannedTensor tensor : plan.tensors()) geometry.add(tensor, models.products(tensor));
    return new FrontTable(points, geometry.policies(), geometry.angles());
  }

  /** Lines of Markdown. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    String parameter = points.getFirst().point().parameter();
    lines.add("| point | %s | distance from the base |".formatted(parameter));
    lines.add("| --- | --: | --: |");
    for (Point point : points) {
      String folder = point.point().folder();
      lines.add(line("| %s | %s | %.6g |", folder, point.point().text(), point.distance()));
    }
    lines.add("");
    lines.add("| merged | distance from the base |");
    lines.add("| --- | --: |");
    for (Policy policy : policies) {
      lines.add(line("| %s | %.6g |", policy.model(), policy.distance()));
    }
    if (angles.isEmpty()) return lines;
    lines.add("");
    lines.add("| angle between | whole | tensors: least | median | most |");
    lines.add("| --- | --: | --: | --: | --: |");
    for (Angle angle : angles) {
      lines.add(
          line(
              "| %s, %s | %.1f° | %.1f° | %.1f° | %.1f° |",
              angle.one(),
              angle.other(),
              angle.whole(),
              angle.least(),
              angle.median(),
              angle.most()));
    }
    return lines;
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  byte[] json() throws IOException {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    var pointList = node.putArray("points");
    for (Point point : points) {
      pointList
          .addObject()
          .put("folder", point.point().folder())
          .put(point.point().parameter(), point.point().value())
          .put("distance", point.distance());
    }
    var policyList = node.putArray("merged");
    for (Policy policy : policies) {
      policyList.addObject().put("model", policy.model()).put("distance", policy.distance());
    }
    var angleList = node.putArray("angles");
    for (Angle angle : angles) {
      ObjectNode pair = angleList.addObject();
      pair.putArray("models").add(angle.one()).add(angle.other());
      pair.put("whole", angle.whole());
      pair.putObject("tensors")
          .put("least", angle.least())
          .put("median", angle.median())
          .put("most", angle.most());
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(node);
  }

  /** Two models. */
  private record Pair(String one, String other) {}

  /** Lengths and angles of task vectors, gathered tensor by tensor. */
  private static final class Geometry {
    private final Map<String, Double> squares = new LinkedHashMap<>();
    private final Map<Pair, Double> products = new LinkedHashMap<>();
    private final Map<Pair, List<Double>> angles = new LinkedHashMap<>();

    void add(PlannedTensor tensor, InnerProducts ofTensor) {
      List<String> names = new ArrayList<>();
      for (int input = 0; input < tensor.inputs().size(); input++) {
        if (tensor.base().orElseThrow() == input) continue;
        names.add(tensor.inputs().get(input).model().reference().toString());
      }
      for (int a = 0; a < names.size(); a++) {
        squares.merge(names.get(a), ofTensor.of(a, a), Double::sum);
        for (int b = 0; b < a; b++) {
          Pair pair = new Pair(names.get(b), names.get(a));
          products.merge(pair, ofTensor.of(b, a), Double::sum);
          double lengths = Math.sqrt(ofTensor.of(a, a)) * Math.sqrt(ofTensor.of(b, b));
          if (lengths > 0) {
            angles
                .computeIfAbsent(pair, _ -> new ArrayList<>())
                .add(degrees(ofTensor.of(b, a), lengths));
          }
        }
      }
    }

    List<Policy> policies() {
      List<Policy> policies = new ArrayList<>();
      squares.forEach((model, sum) -> policies.add(new Policy(model, Math.sqrt(sum))));
      return policies;
    }

    List<Angle> angles() {
      List<Angle> all = new ArrayList<>();
      angles.forEach(
          (pair, ofTensors) -> {
            List<Double> sorted = ofTensors.stream().sorted().toList();
            double lengths =
                Math.sqrt(squares.get(pair.one())) * Math.sqrt(squares.get(pair.other()));
            all.add(
                new Angle(
                    pair.one(),
                    pair.other(),
                    degrees(products.get(pair), lengths),
                    sorted.getFirst(),
                    median(sorted),
                    sorted.getLast()));
          });
      return all;
    }

    private static double degrees(double product, double lengths) {
      return Math.toDegrees(Math.acos(Math.clamp(product / lengths, -1, 1)));
    }

    private static double median(List<Double> sorted) {
      int half = sorted.size() / 2;
      return sorted.size() % 2 == 1
          ? sorted.get(half)
          : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }
  }
}
