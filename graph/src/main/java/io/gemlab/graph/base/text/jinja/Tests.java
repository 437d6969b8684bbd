package io.gemlab.graph.base.text.jinja;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.exptest.ExpTest;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The tests of Jinja2 ({@code x is ...}) that templates use; all others are refused. */
final class Tests {
  private static final Map<String, ExpTest> ALL = new LinkedHashMap<>();

  static {
    add("defined", value -> !Values.isUndefined(value));
    add("undefined", Values::isUndefined);
    add("none", value -> value == Values.NONE);
    add("string", String.class::isInstance);
    add("mapping", Map.class::isInstance);
    add("boolean", Boolean.class::isInstance);
    add("integer", Values::isInteger);
    add("number", value -> value instanceof Number || value instanceof Boolean);
    // Undefined is iterable, and empty.
    add("iterable", value -> value == null || isSequence(value));
    add("sequence", value -> value == null || isSequence(value));
    add("true", Boolean.TRUE::equals);
    add("false", Boolean.FALSE::equals);
    add("odd", value -> Math.floorMod(Values.integer(value), 2) == 1);
    add("even", value -> Math.floorMod(Values.integer(value), 2) == 0);
  }

  private Tests() {}

  private static void add(String name, Predicate<Object> holds) {
    ALL.put(name, new Named(name, holds));
  }

  static Collection<ExpTest> all() {
    return ALL.values();
  }

  static void require(String name) {
    if (!ALL.containsKey(name)) throw TemplateFault.unsupported("the test \"is " + name + "\"");
  }

  private static boolean isSequence(Object value) {
    return value instanceof String || value instanceof List || value instanceof Map;
  }

  private record Named(String name, Predicate<Object> holds) implements ExpTest {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean evaluate(Object value, JinjavaInterpreter interpreter, Object... arguments) {
      if (arguments.length > 0) {
        throw TemplateFault.unsupported("the test \"is " + name + "\" with an argument");
      }
      return holds.test(value);
    }
  }
}
