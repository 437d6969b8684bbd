package io.gemlab.graph.base.text.jinja;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The methods of texts, lists and dicts that templates call. */
final class Methods {
  private Methods() {}

  static Object ofText(String text, String name, Arguments arguments) {
    String what = "the method " + name + "() of a text";
    List<Object> given = arguments.byPlace();
    if (!arguments.byName().isEmpty()) {
      throw TemplateFault.unsupported(what + " with named arguments");
    }
    return switch (name + "/" + given.size()) {
      case "strip/0" -> PythonText.strip(text);
      case "lstrip/0" -> PythonText.lstrip(text);
      case "rstrip/0" -> PythonText.rstrip(text);
      case "strip/1" -> {
        String characters = Values.string(given.getFirst(), what);
        yield PythonText.lstrip(PythonText.rstrip(text, characters), characters);
      }
      case "lstrip/1" -> PythonText.lstrip(text, Values.string(given.getFirst(), what));
      case "rstrip/1" -> PythonText.rstrip(text, Values.string(given.getFirst(), what));
      case "startswith/1" -> text.startsWith(Values.string(given.getFirst(), what));
      case "endswith/1" -> text.endsWith(Values.string(given.getFirst(), what));
      case "upper/0" -> text.toUpperCase(Locale.ROOT);
      case "lower/0" -> text.toLowerCase(Locale.ROOT);
      case "split/0" -> PythonText.split(text);
      case "split/1" -> {
        String separator = Values.string(given.getFirst(), what);
        if (separator.isEmpty()) throw TemplateFault.of("a text is split at an empty separator");
        yield PythonText.split(text, separator);
      }
      case "capitalize/0" -> PythonText.capitalize(text);
      case "find/1" -> find(text, Values.string(given.getFirst(), what));
      case "index/1" -> {
        long index = find(text, Values.string(given.getFirst(), what));
        if (index < 0) throw TemplateFault.of("a text is not found in " + InvalidInput.shown(text));
        yield index;
      }
      case "count/1" -> {
        String part = Values.string(given.getFirst(), what);
        if (part.isEmpty()) throw TemplateFault.unsupported("counting the empty text");
        yield PythonText.split(text, part).size() - 1L;
      }
      case "join/1" -> Filters.join(given.getFirst(), text);
      case "replace/2" -> replace(text, given.getFirst(), given.getLast(), what);
      default -> throw TemplateFault.unsupported(what + " with " + given.size() + " arguments");
    };
  }

  /** Where a text stands first in another, in characters; -1 if nowhere. */
  private static long find(String text, String part) {
    int index = text.indexOf(part);
    return index < 0 ? index : text.codePointCount(0, index);
  }

  static Object ofList(List<?> list, String name, Arguments arguments) {
    List<Object> given = arguments.byPlace();
    if (!arguments.byName().isEmpty() || given.size() != 1) {
      throw TemplateFault.unsupported(
          "the method %s() of a list with such arguments".formatted(name));
    }
    return switch (name) {
      case "index" -> {
        for (int i = 0; i < list.size(); i++) {
          if (Values.areEqual(list.get(i), given.getFirst())) yield (long) i;
        }
        throw TemplateFault.of(Values.text(given.getFirst()) + " is not in the list");
      }
      case "count" ->
          list.stream().filter(element -> Values.areEqual(element, given.getFirst())).count();
      default -> throw TemplateFault.unsupported("the method " + name + "() of a list");
    };
  }

  /** All occurrences replaced. */
  static String replace(String text, Object old, Object with, String what) {
    String replaced = Values.string(old, what);
    if (replaced.isEmpty()) throw TemplateFault.unsupported("replacing the empty text");
    String inserted = Values.string(with, what);
    long places = PythonText.split(text, replaced).size() - 1L;
    Budget.requireShort(text.length() + places * (inserted.length() - replaced.length()));
    return text.replace(replaced, inserted);
  }

  static Object ofDict(Map<?, ?> map, String name, Arguments arguments) {
    List<Object> given = arguments.byPlace();
    if (!arguments.byName().isEmpty()) {
      throw TemplateFault.unsupported("the method " + name + "() with named arguments");
    }
    return switch (name + "/" + given.size()) {
      case "get/1" -> map.containsKey(given.getFirst()) ? map.get(given.getFirst()) : Values.NONE;
      case "get/2" ->
          map.containsKey(given.getFirst()) ? map.get(given.getFirst()) : given.getLast();
      case "keys/0" -> new ArrayList<Object>(map.keySet());
      case "values/0" -> new ArrayList<Object>(map.values());
      case "items/0" -> items(map);
      default ->
          throw TemplateFault.unsupported(
              "the method %s() of a dict with %d arguments".formatted(name, given.size()));
    };
  }

  /** Pairs of key and value. */
  static List<Object> items(Map<?, ?> map) {
    List<Object> items = new ArrayList<>();
    map.forEach((key, value) -> items.add(Arrays.asList(key, value)));
    return items;
  }
}
