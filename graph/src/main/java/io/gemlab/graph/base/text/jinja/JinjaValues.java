package io.gemlab.graph.base.text.jinja;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What templates compute with, made of data. */
public final class JinjaValues {
  private JinjaValues() {}

  /** Python's None. */
  public static Object none() {
    return Values.NONE;
  }

  /** The variables that an object's fields are. */
  public static Map<String, Object> of(JsonNode object) {
    Map<String, Object> variables = new LinkedHashMap<>();
    object.properties().forEach(entry -> variables.put(entry.getKey(), value(entry.getValue())));
    return variables;
  }

  private static Object value(JsonNode json) {
    return switch (json.getNodeType()) {
      case OBJECT -> of(json);
      case ARRAY -> {
        List<Object> list = new ArrayList<>();
        json.forEach(element -> list.add(value(element)));
        yield list;
      }
      case BOOLEAN -> json.booleanValue();
      case NUMBER -> json.isIntegralNumber() ? (Object) json.longValue() : json.doubleValue();
      case STRING -> json.textValue();
      default -> Values.NONE;
    };
  }
}
