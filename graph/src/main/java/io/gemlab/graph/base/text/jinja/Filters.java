package io.gemlab.graph.base.text.jinja;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.filter.Filter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The filters of Jinja2 that templates use, and lm-evaluation-harness's {@code regex_replace}; all
 * others are refused.
 */
final class Filters {
  /** What a filter does to a value, given its arguments by name. */
  private interface Body {
    Object apply(Object value, Map<String, Object> arguments);
  }

  private static final Map<String, Filter> ALL = new LinkedHashMap<>();

  static {
    add(
        "trim",
        List.of("chars"),
        (value, given) ->
            Methods.ofText(
                Values.string(value, "trim"), "strip", Arguments.of(given.values().toArray())));
    add("upper", List.of(), (value, _) -> Values.string(value, "upper").toUpperCase(Locale.ROOT));
    add("lower", List.of(), (value, _) -> Values.string(value, "lower").toLowerCase(Locale.ROOT));
    add(
        "capitalize",
        List.of(),
        (value, _) -> PythonText.capitalize(Values.string(value, "capitalize")));
    add("string", List.of(), (value, _) -> Values.text(value));
    add("safe", List.of(), (value, _) -> Values.text(value));
    add("length", List.of(), (value, _) -> length(value));
    add("count", List.of(), (value, _) -> length(value));
    add("first", List.of(), (value, _) -> end(value, true));
    add("last", List.of(), (value, _) -> end(value, false));
    add("list", List.of(), (value, _) -> new ArrayList<Object>(elements(value)));
    add("items", List.of(), (value, _) -> items(value));
    add("int", List.of(), (value, _) -> integer(value));
    add("join", List.of("d"), (value, given) -> join(value, given.getOrDefault("d", "")));
    add(
        "replace",
        List.of("old", "new"),
        (value, given) ->
            Methods.replace(
                Values.string(value, "replace"), given.get("old"), given.get("new"), "replace"));
    add(
        "regex_replace",
        List.of("pattern", "repl", "count"),
        (value, given) ->
            PythonRegex.compile(Values.string(given.get("pattern"), "regex_replace"))
                .replace(
                    Values.string(value, "regex_replace"),
                    Values.string(given.get("repl"), "regex_replace"),
                    Values.integer(given.getOrDefault("count", 0))));
    add("default", List.of("default_value", "boolean"), Filters::orElse);
    add("d", List.of("default_value", "boolean"), Filters::orElse);
    add("tojson", List.of("indent"), (value, given) -> PythonJson.text(value, given.get("indent")));
  }

  private Filters() {}

  private static void add(String name, List<String> parameters, Body body) {
    ALL.put(name, new Named(name, parameters, body));
  }

  static Collection<Filter> all() {
    return ALL.values();
  }

  static void require(String name) {
    if (!ALL.containsKey(name)) throw TemplateFault.unsupported("the filter " + name);
  }

  private static Object orElse(Object value, Map<String, Object> given) {
    boolean absent =
        Values.isUndefined(value) || Values.isTrue(given.get("boolean")) && !Values.isTrue(value);
    return absent ? given.getOrDefault("default_value", "") : value;
  }

  private static long length(Object value) {
    return switch (value) {
      case null -> 0; // as Jinja2's Undefined
      case String text -> text.codePointCount(0, text.length());
      case Collection<?> collection -> collection.size();
      case Map<?, ?> map -> map.size();
      default -> throw TemplateFault.of("the length of " + Values.kind(value) + " is asked for");
    };
  }

  private static Object integer(Object value) {
    if (Values.isInteger(value)) return value;
    String text = Values.string(value, "int").strip();
    return text.matches("[-+]?[0-9]{1,18}") ? Long.parseLong(text) : 0L;
  }

  private static Object end(Object value, boolean first) {
    List<?> elements = elements(value);
    if (elements.isEmpty()) return null;
    return first ? elements.getFirst() : elements.getLast();
  }

  private static Object items(Object value) {
    if (value instanceof Map<?, ?> map) return Methods.items(map);
    throw TemplateFault.of("the items of " + Values.kind(value) + " are asked for");
  }

  static String join(Object value, Object separator) {
    StringBuilder joined = new StringBuilder();
    String between = "";
    for (Object element : elements(value)) {
      joined.append(between).append(Values.text(element));
      Budget.requireShort(joined.length());
      between = Values.text(separator);
    }
    return joined.toString();
  }

  private static List<?> elements(Object value) {
    if (value instanceof List<?> list) return list;
    throw TemplateFault.of(Values.kind(value) + " is used as a list");
  }

  private record Named(String name, List<String> parameters, Body body) implements Filter {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public Object filter(
        Object value,
        JinjavaInterpreter interpreter,
        Object[] byPlace,
        Map<String, Object> byName) {
      Arguments arguments = new Arguments(Arrays.asList(byPlace), byName);
      return body.apply(value, arguments.bind("the filter " + name, parameters));
    }

    @Override
    public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
      throw new IllegalStateException("called with its arguments as they are");
    }
  }
}
