package io.gemlab.graph.gemma2.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The fields of a config, or of an object in it, read one by one. What can't be read is refused by
 * its name.
 *
 * @param where what to call the source in messages
 * @param prefix what stands before names in messages: the object's name and a dot, or nothing
 */
record ConfigFields(ObjectNode json, String where, String prefix) {
  /** Whether there is a value, and not null. */
  boolean has(String key) {
    return present(json.get(key));
  }

  /** The value as it is; a Java null where there is none. */
  JsonNode get(String key) {
    return json.get(key);
  }

  int integer(String key) {
    JsonNode value = required(key);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw invalid(key, value, "give a whole number");
    }
    return value.asInt();
  }

  double number(String key) {
    JsonNode value = required(key);
    if (!value.isNumber()) throw invalid(key, value, "give a number");
    return value.asDouble();
  }

  boolean flag(String key, boolean otherwise) {
    if (!has(key)) return otherwise;
    if (!get(key).isBoolean()) throw invalid(key, "give true or false");
    return get(key).asBoolean();
  }

  ConfigFields object(String key) {
    if (!(required(key) instanceof ObjectNode object)) {
      throw invalid(key, "give an object {...}");
    }
    return new ConfigFields(object, where, prefix + key + ".");
  }

  JsonNode required(String key) {
    if (!has(key)) throw invalid(key, "give it");
    return get(key);
  }

  <E> E choice(String key, E[] values, Function<E, String> label) {
    return choice(key, get(key), values, label);
  }

  /** One of a few names, {@code value} being the field's or an element of it. */
  <E> E choice(String key, JsonNode value, E[] values, Function<E, String> label) {
    for (E candidate : values) {
      if (label.apply(candidate).equals(value.asText().toLowerCase(Locale.ROOT))) return candidate;
    }
    String known = Arrays.stream(values).map(label).collect(Collectors.joining(" or "));
    throw invalid(key, value, "give " + known);
  }

  /** Refuses a value, if there is one, that asks for what is not there. */
  void refuse(String key, Predicate<JsonNode> unwanted, String reason) {
    if (has(key) && unwanted.test(get(key))) throw invalid(key, reason);
  }

  InvalidInput invalid(String key, String remedy) {
    return invalid(key, get(key), remedy);
  }

  InvalidInput invalid(String key, JsonNode value, String remedy) {
    String seen = present(value) ? "is " + value : "is missing";
    return new InvalidInput(where + ": " + prefix + key + " " + seen + "; " + remedy);
  }

  private static boolean present(JsonNode value) {
    return value != null && !value.isNull();
  }
}
