package io.gemlab.experiments.serve.http;

import static io.gemlab.graph.base.input.InvalidInput.shown;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.input.NearestName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The object that a request's body is, read key by key. What is null is as if it weren't there; a
 * key that nobody has read in the end is refused.
 */
final class Parameters {
  private final ObjectNode json;
  private final Set<String> known = new TreeSet<>();

  /**
   * @throws ApiError if it is no JSON object, or has a key twice
   */
  Parameters(byte[] utf8) {
    try {
      json = JsonFile.parseObject("the body", utf8);
    } catch (InvalidInput e) {
      throw ApiError.invalid(e.getMessage());
    }
  }

  Optional<JsonNode> get(String key) {
    known.add(key);
    JsonNode value = json.get(key);
    return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
  }

  Optional<String> text(String key) {
    return get(key).map(value -> requireText(key, value));
  }

  static String requireText(String key, JsonNode value) {
    if (!value.isTextual()) throw wrong(key, value, "a string");
    return value.textValue();
  }

  boolean flag(String key) {
    Optional<JsonNode> value = get(key);
    if (value.isPresent() && !value.get().isBoolean())
      throw wrong(key, value.get(), "true or false");
    return value.isPresent() && value.get().booleanValue();
  }

  Optional<Integer> integer(String key, int least, int most) {
    return get(key)
        .map(
            value -> {
              boolean fits =
                  value.isIntegralNumber()
                      && value.canConvertToInt()
                      && value.intValue() >= least
                      && value.intValue() <= most;
              if (!fits)
                throw wrong(key, value, "a whole number from %d to %d".formatted(least, most));
              return value.intValue();
            });
  }

  Optional<Long> whole(String key) {
    return get(key)
        .map(
            value -> {
              if (!value.isIntegralNumber() || !value.canConvertToLong()) {
                throw wrong(key, value, "a whole number of 64 bits");
              }
              return value.longValue();
            });
  }

  Optional<Double> number(String key) {
    return get(key)
        .map(
            value -> {
              if (!value.isNumber()) throw wrong(key, value, "a number");
              return value.doubleValue();
            });
  }

  /** A string or a list of strings. */
  List<String> texts(String key, int most) {
    Optional<JsonNode> value = get(key);
    if (value.isEmpty()) return List.of();
    if (value.get().isTextual()) return List.of(value.get().textValue());
    if (!value.get().isArray() || value.get().size() > most) {
      throw wrong(key, value.get(), "a string or a list of at most %d".formatted(most));
    }
    List<String> texts = new ArrayList<>();
    value.get().forEach(one -> texts.add(requireText(key, one)));
    return texts;
  }

  /** Keys that change nothing here. */
  void ignore(String... keys) {
    known.addAll(List.of(keys));
  }

  /**
   * Keys that are not served, and the value that each may have all the same, since it asks for
   * nothing.
   */
  void refuse(Map<String, Set<String>> neutral) {
    neutral.forEach(
        (key, values) ->
            get(key)
                .ifPresent(
                    value -> {
                      if (values.contains(value.toString())) return;
                      throw ApiError.invalid(
                          key,
                          "%s is not served, and is %s; leave it out"
                              .formatted(key, shown(value.toString())));
                    }));
  }

  /**
   * @throws ApiError if there is a key that was not asked for
   */
  void requireAllRead() {
    json.fieldNames()
        .forEachRemaining(
            key -> {
              if (known.contains(key)) return;
              InvalidInput unknown = NearestName.unknown("parameter", key, known);
              throw ApiError.invalid(key, unknown.getMessage());
            });
  }

  static ApiError wrong(String key, JsonNode value, String wanted) {
    return ApiError.invalid(
        key, "%s is %s; give %s".formatted(key, shown(value.toString()), wanted));
  }
}
