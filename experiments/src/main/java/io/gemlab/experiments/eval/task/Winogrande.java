package io.gemlab.experiments.eval.task;

import io.gemlab.graph.base.text.jinja.PythonText;
import java.util.List;

/**
 * Winogrande's Python: {@code lm_eval/tasks/winogrande/preprocess_winogrande.py}. What stands
 * behind the blank is scored after the sentence with each option in it.
 */
final class Winogrande {
  private Winogrande() {}

  /** {@code doc_to_text}. */
  static Long answer(Document document) {
    return switch (document.text("answer")) {
      case "1" -> 0L;
      case "2" -> 1L;
      default -> throw document.invalid("answer", "\"1\" or \"2\"");
    };
  }

  /** {@code doc_to_target}. */
  static String behindTheBlank(Document document) {
    return PythonText.strip(document.text("sentence").substring(blank(document) + 1));
  }

  /** {@code doc_to_choice}. */
  static List<String> beginnings(Document document) {
    String before = document.text("sentence").substring(0, blank(document));
    return List.of(before + document.text("option1"), before + document.text("option2"));
  }

  private static int blank(Document document) {
    int blank = document.text("sentence").indexOf('_');
    if (blank < 0) throw document.invalid("sentence", "a sentence with _ for the options");
    return blank;
  }
}
