package io.gemlab.experiments.merge.run;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.merge.plan.MergePlan;
import io.gemlab.experiments.merge.plan.PlannedTensor;
import io.gemlab.experiments.merge.recipe.FrontPoint;
import java.io.IOException;
import java.util.ArrayList;
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
    TaskGeometry geometry = new TaskGeometry();
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
    ArrayNode pointList = node.putArray("points");
    for (Point point : points) {
      pointList
          .addObject()
          .put("folder", point.point().folder())
          .put(point.point().parameter(), point.point().value())
          .put("distance", point.distance());
    }
    ArrayNode policyList = node.putArray("merged");
    for (Policy policy : policies) {
      policyList.addObject().put("model", policy.model()).put("distance", policy.distance());
    }
    ArrayNode angleList = node.putArray("angles");
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
}
