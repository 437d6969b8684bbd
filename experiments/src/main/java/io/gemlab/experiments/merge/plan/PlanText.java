package io.gemlab.experiments.merge.plan;

import io.gemlab.experiments.merge.method.Contract;
import io.gemlab.experiments.merge.method.Parameter;
import io.gemlab.experiments.merge.recipe.FrontPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What happens to each tensor, for people. */
public final class PlanText {
  private PlanText() {}

  /** A line for each tensor: what it is, what it is made of, and with which parameters. */
  public static List<String> lines(MergePlan plan) {
    Contract contract = plan.recipe().method().contract();
    String points =
        plan.recipe().points().stream().map(FrontPoint::text).collect(Collectors.joining(","));
    return plan.tensors().stream().map(tensor -> line(contract, tensor, points)).toList();
  }

  private static String line(Contract contract, PlannedTensor tensor, String points) {
    String inputs =
        tensor.inputs().stream()
            .map(
                input ->
                    input.name().equals(tensor.name())
                        ? input.model().reference().toString()
                        : "%s of %s".formatted(input.name(), input.model().reference()))
            .collect(Collectors.joining(", "));
    return "%s %s %s <- %s: %s %s"
        .formatted(
            tensor.name(),
            tensor.shape(),
            tensor.stored().label(),
            inputs,
            contract.name(),
            parameters(contract, tensor, points))
        .stripTrailing();
  }

  private static String parameters(Contract contract, PlannedTensor tensor, String points) {
    List<String> all = new ArrayList<>();
    for (Parameter parameter : contract.parameters()) {
      String value =
          switch (parameter.scope()) {
            case MERGE -> text(parameter, tensor.values().ofMerge().get(parameter.name()));
            case MODEL -> ofModels(parameter, tensor);
            case POINT -> points;
          };
      all.add(parameter.name() + "=" + value);
    }
    return String.join(" ", all);
  }

  /** The base has none. */
  private static String ofModels(Parameter parameter, PlannedTensor tensor) {
    List<String> values = new ArrayList<>();
    for (int input = 0; input < tensor.inputs().size(); input++) {
      boolean isBase = tensor.base().isPresent() && tensor.base().getAsInt() == input;
      double value = tensor.values().ofModels().get(parameter.name()).get(input);
      values.add(isBase ? "base" : text(parameter, value));
    }
    return String.join(",", values);
  }

  private static String text(Parameter parameter, double value) {
    return switch (parameter.kind()) {
      case FLAG -> value != 0 ? "true" : "false";
      case INTEGER -> String.valueOf((long) value);
      case NUMBER -> String.format(Locale.ROOT, "%.6g", value).replaceFirst("\\.?0+$", "");
    };
  }
}
