package io.gemlab.experiments.eval.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * How a prompt's fields are written: of {@code Question: Why?\nAnswer:} the case of {@code
 * Question} and {@code Answer}, the colon, and the line break.
 *
 * @param casing of a field's name
 * @param separator behind the name
 * @param joint before a field that follows another one
 */
public record PromptFormat(Casing casing, String separator, String joint) {
  /** What is done to a field's name. */
  public enum Casing {
    AS_IT_IS(name -> name),
    UPPER(name -> name.toUpperCase(Locale.ROOT)),
    LOWER(name -> name.toLowerCase(Locale.ROOT));

    private final UnaryOperator<String> change;

    Casing(UnaryOperator<String> change) {
      this.change = change;
    }

    String of(String name) {
      return change.apply(name);
    }
  }

  /** The task's own first, twelve in all. */
  public static final List<PromptFormat> ALL = all();

  private static List<PromptFormat> all() {
    List<PromptFormat> all = new ArrayList<>();
    for (Casing casing : Casing.values()) {
      for (String separator : List.of(":", " -")) {
        for (String joint : List.of("\n", " ")) {
          all.add(new PromptFormat(casing, separator, joint));
        }
      }
    }
    return List.copyOf(all);
  }

  /** What it looks like, in one line. */
  public String example() {
    String[] fields =
        Arrays.stream(new String[] {"Question", "Answer"})
            .map(name -> casing.of(name) + separator)
            .toArray(String[]::new);
    return "%s …%s%s …".formatted(fields[0], joint.equals("\n") ? "⏎" : joint, fields[1]);
  }
}
