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
  public void only(List<String> keys) {
    for (var entry : node.properties()) {
      if (!keys.contains(entry.getKey())) {
        throw NearestName.unknown(where + ": key", entry.getKey(), keys);
      }
    }
  }

  /**
   * A key's value.
   *
   * @throws InvalidInput if it is missing or of another kind
   */
  public <V> V get(Key<V> key) {
    return value(key.name(), key.kind());
  }

  public String text(String key) {
    return value(key, Kind.TEXT);
  }

  public int integer(String key) {
    return value(key, Kind.INTEGER);
  }

  public double number(String key) {
    return value(key, Kind.NUMBER);
  }

  public boolean flag(String key) {
    return value(key, Kind.FLAG);
  }

  public List<String> texts(String key) {
    return value(key, Kind.TEXTS);
  }

  public List<Long> integers(String key) {
    return value(key, Kind.INTEGERS);
  }

  /** A mapping; empty where it is left out. */
  public ObjectNode object(String key) {
    return has(key) ? value(key, Kind.MAPPING) : JsonNodeFactory.instance.objectNode();
  }

  /** The mappings of a list. */
  public List<Fields> objects(String key) {
    List<ObjectNode> all = value(key, Kind.MAPPINGS);
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

  /** These values, and over them those of {@code other}, whose place it is. */
  public Fields under(Fields other) {
    ObjectNode both = node.deepCopy();
    both.setAll(other.node());
    return new Fields(other.where(), both);
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

  private <V> V value(String key, Kind<V> kind) {
    JsonNode value = node.path(key);
    if (!kind.test().test(value)) throw invalid(key, value, "give " + kind.what());
    return kind.read().apply(value);
  }

  private InvalidInput invalid(String key, JsonNode value, String remedy) {
    String seen =
        value.isMissingNode()
            ? "missing"
            : InvalidInput.shown(value.isTextual() ? value.textValue() : value.toString());
    return new InvalidInput("%s: %s is %s; %s".formatted(where, key, seen, remedy));
  }
}
