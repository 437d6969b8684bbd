package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The values of one mapping in a recipe, read by kind.
 *
 * @param where what to call it in messages
 */
public record Fields(String where, ObjectNode node) {

  public boolean has(String key) {
    return node.hasNonNull(key);
  }

  /** Refuses keys other than these. */
  public void only(String... keys) {
    for (var entry : node.properties()) {
      if (!List.of(keys).contains(entry.getKey())) {
        throw NearestName.unknown(where + ": key", entry.getKey(), List.of(keys));
      }
    }
  }

  public String text(String key) {
    return value(key, JsonNode::isTextual, JsonNode::textValue, "give a text");
  }

  public int integer(String key) {
    return value(
        key,
        node -> node.isIntegralNumber() && node.canConvertToInt(),
        JsonNode::intValue,
        "give a whole number");
  }

  public double number(String key) {
    return value(key, JsonNode::isNumber, JsonNode::doubleValue, "give a number");
  }

  public boolean flag(String key) {
    return value(key, JsonNode::isBoolean, JsonNode::booleanValue, "give true or false");
  }

  public List<String> texts(String key) {
    return list(key, JsonNode::isTextual, JsonNode::textValue, "give a list of texts");
  }

  public List<Long> integers(String key) {
    return list(
        key,
        node -> node.isIntegralNumber() && node.canConvertToLong(),
        JsonNode::longValue,
        "give a list of whole numbers");
  }

  /** A mapping; empty where it is left out. */
  public ObjectNode object(String key) {
    return has(key)
        ? value(key, JsonNode::isObject, ObjectNode.class::cast, "give keys and values")
        : JsonNodeFactory.instance.objectNode();
  }

  /** The mappings of a list. */
  public List<Fields> objects(String key) {
    List<ObjectNode> all =
        list(key, JsonNode::isObject, ObjectNode.class::cast, "give a list of mappings");
    List<Fields> fields = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      fields.add(new Fields("%s: %s[%d]".formatted(where, key, i), all.get(i)));
    }
    return fields;
  }

  /** A mapping that may be left out. */
  public Optional<Fields> section(String key) {
    return has(key) ? Optional.of(new Fields(where + ": " + key, object(key))) : Optional.empty();
  }

  /** A record of these values; what it refuses is said with the place. */
  public <R> R as(Function<Fields, R> read) {
    try {
      return read.apply(this);
    } catch (InvalidInput e) {
      if (e.getMessage().startsWith(where)) throw e;
      throw new InvalidInput(where + ": " + e.getMessage(), e);
    }
  }

  private <V> List<V> list(
      String key, Predicate<JsonNode> kind, Function<JsonNode, V> read, String remedy) {
    JsonNode list = value(key, JsonNode::isArray, Function.identity(), remedy);
    List<V> values = new ArrayList<>();
    for (JsonNode element : list) {
      if (!kind.test(element)) throw invalid(key, list, remedy);
      values.add(read.apply(element));
    }
    return values;
  }

  private <V> V value(
      String key, Predicate<JsonNode> kind, Function<JsonNode, V> read, String remedy) {
    JsonNode value = node.path(key);
    if (!kind.test(value)) throw invalid(key, value, remedy);
    return read.apply(value);
  }

  private InvalidInput invalid(String key, JsonNode value, String remedy) {
    String seen =
        value.isMissingNode()
            ? "missing"
            : InvalidInput.shown(value.isTextual() ? value.textValue() : value.toString());
    return new InvalidInput("%s: %s is %s; %s".formatted(where, key, seen, remedy));
  }
}
