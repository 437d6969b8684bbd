package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A kind of value in a recipe.
 *
 * @param what it is, with its article: {@code a whole number}; it ends a message's remedy
 * @param schemaType JSON Schema's name of it
 * @param elements the kind of a list's elements; empty for what is no list
 * @param test whether a value is of this kind
 * @param read the value in Java
 */
public record Kind<V>(
    String what,
    String schemaType,
    Optional<Kind<?>> elements,
    Predicate<JsonNode> test,
    Function<JsonNode, V> read) {
  public static final Kind<String> TEXT =
      of("a text", "string", JsonNode::isTextual, JsonNode::textValue);

  public static final Kind<Integer> INTEGER =
      of(
          "a whole number",
          "integer",
          node -> node.isIntegralNumber() && node.canConvertToInt(),
          JsonNode::intValue);

  public static final Kind<Double> NUMBER =
      of("a number", "number", JsonNode::isNumber, JsonNode::doubleValue);

  public static final Kind<Boolean> FLAG =
      of("true or false", "boolean", JsonNode::isBoolean, JsonNode::booleanValue);

  public static final Kind<ObjectNode> MAPPING =
      of("keys and values", "object", JsonNode::isObject, ObjectNode.class::cast);

  public static final Kind<List<String>> TEXTS = listOf("a list of texts", TEXT);

  public static final Kind<List<Long>> INTEGERS =
      listOf(
          "a list of whole numbers",
          of(
              "a whole number",
              "integer",
              node -> node.isIntegralNumber() && node.canConvertToLong(),
              JsonNode::longValue));

  public static final Kind<List<Double>> NUMBERS = listOf("a list of numbers", NUMBER);

  public static final Kind<List<ObjectNode>> MAPPINGS = listOf("a list of mappings", MAPPING);

  /** What it is, without the article. */
  public String label() {
    return what.replaceFirst("^a ", "");
  }

  /** What an editor's JSON Schema says of it. */
  ObjectNode schema() {
    ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", schemaType);
    elements.ifPresent(kind -> schema.set("items", kind.schema()));
    return schema;
  }

  private static <V> Kind<V> of(
      String what, String schemaType, Predicate<JsonNode> test, Function<JsonNode, V> read) {
    return new Kind<>(what, schemaType, Optional.empty(), test, read);
  }

  private static <V> Kind<List<V>> listOf(String what, Kind<V> kind) {
    return new Kind<>(
        what,
        "array",
        Optional.of(kind),
        node -> {
          boolean all = node.isArray();
          for (JsonNode element : node) all &= kind.test().test(element);
          return all;
        },
        node -> {
          List<V> values = new ArrayList<>();
          for (JsonNode element : node) values.add(kind.read().apply(element));
          return values;
        });
  }
}
