package io.gemlab.experiments.eval.task;

import io.gemlab.graph.base.text.jinja.PythonRegex;
import io.gemlab.graph.base.text.jinja.PythonText;

/** HellaSwag's Python: {@code lm_eval/tasks/hellaswag/utils.py}. */
final class HellaSwag {
  private static final PythonRegex BRACKETS = PythonRegex.compile("\\[.*?\\]");

  private HellaSwag() {}

  /** {@code process_docs} of one document. */
  static Document processed(Document document) {
    String context = document.text("ctx_a") + " " + PythonText.capitalize(document.text("ctx_b"));
    return document
        .with("query", cleaned(document.text("activity_label") + ": " + context))
        .with("choices", document.texts("endings").stream().map(HellaSwag::cleaned).toList())
        .with("gold", gold(document));
  }

  /** The test split's labels are empty, which Python's {@code int} refuses. */
  private static long gold(Document document) {
    String label = String.valueOf(document.fields().get("label"));
    if (label.matches("[0-9]{1,9}")) return Long.parseLong(label);
    throw document.invalid("label", "the number of the right ending");
  }

  /** Brackets are what WikiHow's pages left in the text. */
  private static String cleaned(String text) {
    String dots = PythonText.strip(text).replace(" [title]", ". ");
    return BRACKETS.replace(dots, "", 0).replace("  ", " ");
  }
}
