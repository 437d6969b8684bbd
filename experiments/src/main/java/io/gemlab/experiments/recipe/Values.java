package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which values of its kind a key may have; of a list, each element. Said in the reference and known
 * to editors; what is refused, the record refuses that holds the value.
 */
public sealed interface Values {
  /** Every value. */
  Values ANY = new Any();

  /** Numbers above 0. */
  Values POSITIVE = new Range(0, true, Double.POSITIVE_INFINITY, true);

  /** Between 0 and 1, neither of them. */
  Values FRACTION = new Range(0, true, 1, true);

  /** In a few words; empty where there is nothing to say. */
  String text();

  /** Adds what an editor's JSON Schema says of it. */
  void addTo(ObjectNode schema);

  /** A number and all above it. */
  static Values atLeast(double least) {
    return new Range(least, false, Double.POSITIVE_INFINITY, true);
  }

  /** From {@code least} to below {@code most}. */
  static Values fromToBelow(double least, double most) {
    return new Range(least, false, most, true);
  }

  /** Both ends are in it. */
  static Values fromTo(double least, double most) {
    return new Range(least, false, most, false);
  }

  /** All values. */
  record Any() implements Values {
    @Override
    public String text() {
      return "";
    }

    @Override
    public void addTo(ObjectNode schema) {}
  }

  /**
   * Numbers.
   *
   * @param least the lower end
   * @param aboveLeast whether the end itself is left out
   * @param most the upper end; infinite for none
   * @param belowMost whether the end itself is left out
   */
  record Range(double least, boolean aboveLeast, double most, boolean belowMost) implements Values {
    @Override
    public String text() {
      String from = Level.of(least);
      String to = Level.of(most);
      if (Double.isInfinite(most)) return aboveLeast ? "above " + from : from + " or more";
      if (aboveLeast) return "above " + from + ", below " + to;
      return from + " to " + (belowMost ? "below " : "") + to;
    }

    @Override
    public void addTo(ObjectNode schema) {
      put(schema, aboveLeast ? "exclusiveMinimum" : "minimum", least);
      if (!Double.isInfinite(most)) {
        put(schema, belowMost ? "exclusiveMaximum" : "maximum", most);
      }
    }

    private static void put(ObjectNode schema, String key, double value) {
      if (value == Math.rint(value)) schema.put(key, (long) value);
      else schema.put(key, value);
    }
  }

  /**
   * Names.
   *
   * @param names those to choose from
   * @param more a regular expression of others that are taken too; empty for none
   */
  record OneOf(List<String> names, String more) implements Values {
    public OneOf {
      names = List.copyOf(names);
    }

    @Override
    public String text() {
      return names.stream().map(name -> "`" + name + "`").collect(Collectors.joining(", "));
    }

    @Override
    public void addTo(ObjectNode schema) {
      if (more.isEmpty()) {
        names.forEach(schema.putArray("enum")::add);
        return;
      }
      var any = schema.putArray("anyOf");
      names.forEach(any.addObject().putArray("enum")::add);
      any.addObject().put("pattern", more);
    }
  }
}
