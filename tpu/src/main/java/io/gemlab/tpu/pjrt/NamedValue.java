package io.gemlab.tpu.pjrt;

import java.util.List;

/** A name and a value, as options to a plugin and attributes from it have them. */
public sealed interface NamedValue {
  String name();

  /** The value as a report shows it. */
  default String shown() {
    return switch (this) {
      case Text text -> text.value;
      case Whole whole -> Long.toString(whole.value);
      case Wholes wholes -> wholes.value.toString();
      case Real real -> Float.toString(real.value);
      case Flag flag -> Boolean.toString(flag.value);
    };
  }

  record Text(String name, String value) implements NamedValue {}

  /** int64. */
  record Whole(String name, long value) implements NamedValue {}

  /** A list of int64. */
  record Wholes(String name, List<Long> value) implements NamedValue {
    public Wholes {
      value = List.copyOf(value);
    }
  }

  /** float32. */
  record Real(String name, float value) implements NamedValue {}

  record Flag(String name, boolean value) implements NamedValue {}
}
