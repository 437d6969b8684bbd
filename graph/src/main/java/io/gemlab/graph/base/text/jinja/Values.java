package io.gemlab.graph.base.text.jinja;

import com.hubspot.jinjava.util.ObjectTruthValue;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a template computes with: texts, integers, booleans, lists, maps, None; null is undefined.
 */
final class Values {
  private static final int DEEPEST_COMPARED = 16;

  /** Python's None, which is defined. */
  static final Object NONE =
      new Object() {
        @Override
        public String toString() {
          return "None";
        }
      };

  /** What isn't there where that is an error: Jinja2's StrictUndefined. */
  static final Object MISSING =
      new Object() {
        @Override
        public String toString() {
          return "an undefined value";
        }
      };

  private Values() {}

  static boolean isUndefined(Object value) {
    return value == null || value == MISSING;
  }

  static boolean isTrue(Object value) {
    if (value == NONE) return false;
    if (value == MISSING) throw TemplateFault.of("an undefined value is asked whether it is true");
    // Jinjava takes the text "false" for false.
    return value instanceof String text ? !text.isEmpty() : ObjectTruthValue.evaluate(value);
  }

  /**
   * As Python's {@code str}; an undefined value is empty, or an error where it is {@link #MISSING}.
   */
  static String text(Object value) {
    return switch (value) {
      case null -> "";
      case String text -> text;
      case Object missing when missing == MISSING ->
          throw TemplateFault.of("an undefined value is written");
      default -> PythonRepr.of(value);
    };
  }

  static boolean areEqual(Object a, Object b) {
    return areEqual(a, b, DEEPEST_COMPARED);
  }

  private static boolean areEqual(Object a, Object b, int levels) {
    if (a == MISSING || b == MISSING) throw TemplateFault.of("an undefined value is compared");
    if (levels == 0) throw TemplateFault.unsupported("comparing lists in lists so deep");
    if (isInteger(a) && isInteger(b)) return integer(a) == integer(b);
    if (a instanceof Number && b instanceof Number) {
      return ((Number) a).doubleValue() == ((Number) b).doubleValue();
    }
    if (a instanceof List<?> left && b instanceof List<?> right) {
      if (left.size() != right.size()) return false;
      for (int i = 0; i < left.size(); i++) {
        if (!areEqual(left.get(i), right.get(i), levels - 1)) return false;
      }
      return true;
    }
    return Objects.equals(a, b);
  }

  static boolean isInteger(Object value) {
    return value instanceof Integer || value instanceof Long;
  }

  static long integer(Object value) {
    if (isInteger(value)) return ((Number) value).longValue();
    throw TemplateFault.of(kind(value) + " is used as an integer");
  }

  static String string(Object value, String where) {
    if (value instanceof String text) return text;
    throw TemplateFault.of(kind(value) + " is given to " + where + ", which takes a text");
  }

  /** A value's kind in Python's words, for messages. */
  static String kind(Object value) {
    return switch (value) {
      case null -> "an undefined value";
      case String _ -> "a text";
      case Boolean _ -> "a boolean";
      case Integer _, Long _ -> "an integer";
      case Number _ -> "a fraction";
      case List<?> _ -> "a list";
      case Map<?, ?> _ -> "a dict";
      default -> value == NONE || value == MISSING ? value.toString() : "an object";
    };
  }
}
