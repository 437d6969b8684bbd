package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A key of a recipe: {@link Fields#get} reads it, and the reference and the schema say this of it.
 *
 * @param name as it is written
 * @param kind of its value
 * @param values which of that kind
 * @param mayBeNull whether {@code null} is a value: none
 * @param unit of a number; empty for none
 * @param meaning a sentence
 */
public record Key<V>(
    String name, Kind<V> kind, Values values, boolean mayBeNull, String unit, String meaning) {

  /** A key whose values have no unit. */
  public static <V> Key<V> of(String name, Kind<V> kind, Values values, String meaning) {
    return of(name, kind, values, "", meaning);
  }

  /** A key whose values have a unit. */
  public static <V> Key<V> of(
      String name, Kind<V> kind, Values values, String unit, String meaning) {
    return new Key<>(name, kind, values, false, unit, meaning);
  }

  /** The same, {@code null} being a value too. */
  public Key<V> orNull() {
    return new Key<>(name, kind, values, true, unit, meaning);
  }

  /** What an editor's JSON Schema says of it. */
  public ObjectNode schema() {
    ObjectNode schema = kind.schema();
    values.addTo(schema.get("items") instanceof ObjectNode items ? items : schema);
    if (mayBeNull) {
      JsonNode type = schema.get("type");
      ArrayNode types = schema.putArray("type");
      types.add(type).add("null");
      if (schema.get("enum") instanceof ArrayNode names) names.addNull();
    }
    schema.put("description", meaning);
    return schema;
  }
}
