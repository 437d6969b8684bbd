package io.gemlab.experiments.eval.task;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.jinja.PythonText;
import java.util.List;
import java.util.Optional;

/**
 * A document by a task's {@code doc_to_text}, {@code doc_to_target} and {@code doc_to_choice}, with
 * what lm-evaluation-harness makes of their values: a text of digits becomes a number where there
 * are choices, one in brackets a list; and a question that is a number means that the choices are
 * contexts of the target.
 *
 * @param text a text, or the number of a context
 * @param target a text, a number or a list
 * @param choices empty where the task has none
 * @param prefix how the answer begins
 * @param delimiter what stands between question and answer
 */
record Question(
    Object text, Object target, List<String> choices, Optional<String> prefix, String delimiter) {

  static Question of(PromptSpec prompt, Document document) {
    boolean choosing = prompt.choices().isPresent();
    return new Question(
        text(prompt.text(), document, choosing),
        target(prompt.target(), document, choosing),
        prompt.choices().map(field -> choices(field, document)).orElse(List.of()),
        prompt
            .prefix()
            .map(field -> String.valueOf(field.of(document)))
            .filter(prefix -> !prefix.isEmpty()),
        prompt.delimiter());
  }

  private static Object text(Field field, Document document, boolean choosing) {
    Object text = field.of(document);
    boolean rendered = isRendered(field, document);
    return rendered && choosing && isNumber((String) text) ? Long.valueOf((String) text) : text;
  }

  private static Object target(Field field, Document document, boolean choosing) {
    Object target = field.of(document);
    if (choosing && target instanceof Boolean truth) return truth ? 1L : 0L;
    if (!isRendered(field, document)) return target;
    String rendered = (String) target;
    if (choosing && isNumber(rendered)) return Long.valueOf(rendered);
    boolean bracketed =
        rendered.length() >= 2 && rendered.startsWith("[") && rendered.endsWith("]");
    return bracketed ? PythonLiteral.parse(rendered).orElse(rendered) : rendered;
  }

  private static List<String> choices(Field field, Document document) {
    Object choices = field.of(document);
    if (isRendered(field, document)) {
      String rendered = (String) choices;
      choices =
          PythonLiteral.parse(rendered)
              .orElseThrow(
                  () ->
                      new InvalidInput(
                          "doc_to_choice gives %s, which is no list as Python writes one"
                              .formatted(InvalidInput.shown(rendered))));
    }
    if (choices instanceof List<?> list && !list.isEmpty()) {
      return list.stream().map(String::valueOf).toList();
    }
    throw new InvalidInput(
        "doc_to_choice gives %s; it should be a list of texts"
            .formatted(InvalidInput.shown(String.valueOf(choices))));
  }

  private static boolean isRendered(Field field, Document document) {
    return field instanceof Field.Template template && !template.isField(document);
  }

  private static boolean isNumber(String text) {
    return text.matches("[0-9]{1,9}");
  }

  /** Whether the choices are contexts, and the target what is scored after each. */
  boolean isOfContexts() {
    return text instanceof Long && !choices.isEmpty();
  }

  /** The question, up to where the answer begins. */
  String asked() {
    if (text instanceof String question) return withPrefix(question, delimiter);
    throw new InvalidInput(
        "doc_to_text gives %s; it should be a text".formatted(InvalidInput.shown("" + text)));
  }

  /** A choice that is a context, up to where the target begins. */
  String asked(String context) {
    return withPrefix(context, "");
  }

  private String withPrefix(String question, String gap) {
    if (prefix.isEmpty()) return question;
    return question + (needsDelimiter(question, prefix.get()) ? gap : "") + prefix.get();
  }

  /**
   * The question with its answer, as an example has it.
   *
   * @param end what stands behind an answer
   */
  String answered(String end) {
    String question = isOfContexts() ? choices.get(index((Long) text)) : String.valueOf(text);
    String answer = answer();
    if (answer.isEmpty()) return withPrefix(question, delimiter);
    if (prefix.isEmpty()) return question + delimiter + answer + end;
    String gap = needsDelimiter(prefix.get(), answer) ? " " : "";
    return withPrefix(question, delimiter) + gap + answer + end;
  }

  private String answer() {
    return switch (target) {
      case Long number when !choices.isEmpty() && !isOfContexts() -> choices.get(index(number));
      case List<?> list when !list.isEmpty() -> String.valueOf(list.getFirst());
      default -> String.valueOf(target);
    };
  }

  private int index(long number) {
    if (number >= 0 && number < choices.size()) return (int) number;
    throw new InvalidInput("choice %d is named and there are %d".formatted(number, choices.size()));
  }

  /** Whether neither text brings white space where they meet. */
  private static boolean needsDelimiter(String before, String after) {
    return !before.isEmpty()
        && !PythonText.isSpace(before.charAt(before.length() - 1))
        && !PythonText.isSpace(after.charAt(0));
  }

  /** The target as a text that is scored. */
  String targetText() {
    return String.valueOf(target);
  }

  /** The places of the choices that are right. */
  List<Integer> right() {
    Object right = isOfContexts() ? text : target;
    List<?> all = right instanceof List<?> several ? several : List.of(right);
    return all.stream().map(this::place).filter(place -> place >= 0).toList();
  }

  /** A choice's place; -1 if it is none. */
  private int place(Object choice) {
    if (choice instanceof Long number) {
      return number >= 0 && number < choices.size() ? number.intValue() : -1;
    }
    return choices.indexOf(String.valueOf(choice));
  }

  /** The texts that an answer may be. */
  List<String> references() {
    if (target instanceof Long number && !choices.isEmpty()) {
      return List.of(choices.get(index(number)));
    }
    return target instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of(String.valueOf(target));
  }
}
