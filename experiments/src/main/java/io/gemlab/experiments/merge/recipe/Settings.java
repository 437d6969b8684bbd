package io.gemlab.experiments.merge.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.merge.method.Contract;
import io.gemlab.experiments.merge.method.Parameter;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The {@code parameters} of a recipe's section.
 *
 * @param byName of a parameter
 */
public record Settings(Map<String, Setting> byName) {
  /** Nothing given. */
  public static final Settings NONE = new Settings(Map.of());

  public Settings {
    byName = Map.copyOf(byName);
  }

  /**
   * Reads a section, but for the points of a front.
   *
   * @param scopes of the parameters that mean anything in it
   * @throws InvalidInput that names the nearest parameter where the method has none of a name
   */
  static Settings read(
      Contract contract, String where, ObjectNode node, Set<Parameter.Scope> scopes) {
    Map<String, Setting> settings = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      Parameter parameter =
          contract.parameter(entry.getKey()).orElseThrow(() -> unknown(contract, where, entry));
      if (!scopes.contains(parameter.scope())) {
        throw new InvalidInput(
            "%s: %s is a parameter of the whole merge; give it in the recipe's own parameters"
                .formatted(where, parameter.name()));
      }
      if (parameter.scope() == Parameter.Scope.POINT) continue;
      settings.put(
          parameter.name(),
          Setting.read(parameter, where + ": " + parameter.name(), entry.getValue()));
    }
    return new Settings(settings);
  }

  private static InvalidInput unknown(
      Contract contract, String where, Map.Entry<String, JsonNode> entry) {
    List<String> known = contract.parameters().stream().map(Parameter::name).toList();
    String what = "%s: parameter of %s".formatted(where, contract.name());
    return known.isEmpty()
        ? new InvalidInput(
            "%s %s is not known; it has none".formatted(what, InvalidInput.shown(entry.getKey())))
        : NearestName.unknown(what, entry.getKey(), known);
  }

  /** A parameter's value for a tensor; empty where the section says nothing of it. */
  OptionalDouble at(String parameter, String tensor, double depth) {
    Setting setting = byName.get(parameter);
    return setting == null ? OptionalDouble.empty() : setting.at(tensor, depth);
  }
}
