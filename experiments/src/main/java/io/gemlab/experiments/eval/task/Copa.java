package io.gemlab.experiments.eval.task;

import io.gemlab.graph.base.text.jinja.PythonText;
import java.util.List;
import java.util.Locale;

/** COPA's Python: {@code lm_eval/tasks/super_glue/copa/utils.py}. */
final class Copa {
  private Copa() {}

  /** {@code doc_to_text}: the premise without its full stop, and a word that asks on. */
  static String premise(Document document) {
    String connector =
        switch (document.text("question")) {
          case "cause" -> "because";
          case "effect" -> "therefore";
          default -> throw document.invalid("question", "cause or effect");
        };
    String premise = PythonText.strip(document.text("premise"));
    return premise.substring(0, Math.max(0, premise.length() - 1)) + " " + connector;
  }

  /** {@code doc_to_target}. */
  static String answer(Document document) {
    boolean first = Long.valueOf(0).equals(document.fields().get("label"));
    return choices(document).get(first ? 0 : 1);
  }

  /** {@code doc_to_choice}. */
  static List<String> choices(Document document) {
    return List.of(choice(document, "choice1"), choice(document, "choice2"));
  }

  private static String choice(Document document, String field) {
    String choice = document.text(field);
    if (choice.isEmpty()) throw document.invalid(field, "a sentence");
    int first = choice.offsetByCodePoints(0, 1);
    return " " + choice.substring(0, first).toLowerCase(Locale.ROOT) + choice.substring(first);
  }
}
