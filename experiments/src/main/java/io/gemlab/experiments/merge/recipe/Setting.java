package io.gemlab.experiments.merge.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.merge.method.Parameter;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.graph.base.input.InvalidInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What a recipe gives for a parameter: a value, one for each depth, or one by a tensor's name. */
public sealed interface Setting {
  /**
   * Its value for a tensor.
   *
   * @param tensor its name
   * @param depth of its layer within the slice, 0 for the first to 1 for the last; 0 outside layers
   * @return empty if no filter is for the tensor
   */
  OptionalDouble at(String tensor, double depth);

  /** One value. */
  record Constant(double value) implements Setting {
    @Override
    public OptionalDouble at(String tensor, double depth) {
      return OptionalDouble.of(value);
    }
  }

  /**
   * Values at equal distances of depth.
   *
   * @param interpolated whether between two of them is a line; else the one before counts
   */
  record Gradient(List<Double> values, boolean interpolated) implements Setting {
    public Gradient {
      values = List.copyOf(values);
    }

    @Override
    public OptionalDouble at(String tensor, double depth) {
      double place = depth * (values.size() - 1);
      int before = (int) place;
      if (!interpolated) return OptionalDouble.of(values.get(before));
      int after = Math.min(values.size() - 1, before + 1);
      double share = place - before;
      return OptionalDouble.of((1 - share) * values.get(before) + share * values.get(after));
    }
  }

  /** The first case that is for a tensor. */
  record Filtered(List<Case> cases) implements Setting {
    /**
     * A case.
     *
     * @param filter a part of the names of the tensors that it is for; empty for all
     */
    public record Case(Optional<String> filter, Setting setting) {
      boolean isFor(String tensor) {
        return filter.isEmpty() || tensor.contains(filter.get());
      }
    }

    public Filtered {
      cases = List.copyOf(cases);
    }

    @Override
    public OptionalDouble at(String tensor, double depth) {
      return cases.stream()
          .filter(one -> one.isFor(tensor))
          .findFirst()
          .map(one -> one.setting().at(tensor, depth))
          .orElse(OptionalDouble.empty());
    }
  }

  /**
   * Reads what a recipe has.
   *
   * @param where its place
   * @throws InvalidInput if it has another form, or a value is not in the parameter's range
   */
  static Setting read(Parameter parameter, String where, JsonNode node) {
    if (node instanceof ObjectNode one)
      return new Filtered(List.of(filtered(parameter, where, one)));
    if (!node.isArray()) return new Constant(value(parameter, where, node));
    if (node.path(0).isObject()) {
      List<Filtered.Case> cases = new ArrayList<>();
      for (int i = 0; i < node.size(); i++) {
        cases.add(filtered(parameter, "%s[%d]".formatted(where, i), node.get(i)));
      }
      return new Filtered(cases);
    }
    return new Gradient(values(parameter, where, node), parameter.kind() != Parameter.Kind.FLAG);
  }

  /**
   * Reads a value, or a list of them.
   *
   * @throws InvalidInput if it has another form, or one is not in the parameter's range
   */
  static List<Double> values(Parameter parameter, String where, JsonNode node) {
    if (!node.isArray()) return List.of(value(parameter, where, node));
    if (node.isEmpty()) throw new InvalidInput(where + " is an empty list; give a value");
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      values.add(value(parameter, "%s[%d]".formatted(where, i), node.get(i)));
    }
    return values;
  }

  private static Filtered.Case filtered(Parameter parameter, String where, JsonNode node) {
    if (!(node instanceof ObjectNode object)) {
      throw new InvalidInput(
          "%s is %s; give filter and value, as the entries before it have"
              .formatted(where, InvalidInput.shown(node.toString())));
    }
    Fields fields = new Fields(where, object);
    fields.only(List.of("filter", "value"));
    Optional<String> filter =
        fields.has("filter") ? Optional.of(fields.text("filter")) : Optional.empty();
    if (!fields.has("value")) throw new InvalidInput(where + ": value is missing; give one");
    Setting value = read(parameter, where + ": value", object.get("value"));
    if (value instanceof Filtered) {
      throw new InvalidInput(where + ": value has filters again; give a value or a list of them");
    }
    return new Filtered.Case(filter.filter(text -> !text.equals("*")), value);
  }

  private static double value(Parameter parameter, String where, JsonNode node) {
    OptionalDouble value = number(parameter, node);
    if (value.isPresent() && parameter.allows(value.getAsDouble())) return value.getAsDouble();
    throw new InvalidInput(
        "%s is %s; give %s"
            .formatted(
                where,
                InvalidInput.shown(node.isTextual() ? node.textValue() : node.toString()),
                parameter.wanted()));
  }

  private static OptionalDouble number(Parameter parameter, JsonNode node) {
    if (node.isBoolean() && parameter.kind() == Parameter.Kind.FLAG) {
      return OptionalDouble.of(node.booleanValue() ? 1 : 0);
    }
    if (node.isNumber()) return OptionalDouble.of(node.doubleValue());
    if (!node.isTextual()) return OptionalDouble.empty();
    try {
      // YAML takes numbers such as 1e-5 for texts.
      return OptionalDouble.of(Double.parseDouble(node.textValue()));
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }
}
