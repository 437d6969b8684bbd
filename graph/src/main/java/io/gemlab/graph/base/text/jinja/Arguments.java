package io.gemlab.graph.base.text.jinja;

import com.hubspot.jinjava.el.ext.NamedParameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a call is given.
 *
 * @param byPlace values without a name, in order
 * @param byName the others
 */
record Arguments(List<Object> byPlace, Map<String, Object> byName) {

  static Arguments of(Object... given) {
    List<Object> byPlace = new ArrayList<>();
    Map<String, Object> byName = new LinkedHashMap<>();
    for (Object value : given) {
      if (value instanceof NamedParameter named) byName.put(named.getName(), named.getValue());
      else byPlace.add(value);
    }
    return new Arguments(byPlace, byName);
  }

  /**
   * The values of named parameters.
   *
   * @param what the filter or function, for messages
   * @param names its parameters; those that aren't given are left out
   * @throws TemplateFault if more or others are given
   */
  Map<String, Object> bind(String what, List<String> names) {
    Map<String, Object> bound = new LinkedHashMap<>();
    if (byPlace.size() > names.size()) {
      throw TemplateFault.unsupported(what + " with " + byPlace.size() + " arguments");
    }
    for (int i = 0; i < byPlace.size(); i++) bound.put(names.get(i), byPlace.get(i));
    byName.forEach(
        (name, value) -> {
          if (!names.contains(name) || bound.containsKey(name)) {
            throw TemplateFault.unsupported(what + " with the argument " + name);
          }
          bound.put(name, value);
        });
    return bound;
  }
}
