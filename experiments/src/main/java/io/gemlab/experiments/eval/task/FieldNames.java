package io.gemlab.experiments.eval.task;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The names of a task's fields, such as {@code Question} and {@code Answer}: what all of its
 * prompts have at the beginning of a line, with a colon behind it, whether a template put it there
 * or the data.
 *
 * @param names one or more
 */
public record FieldNames(Set<String> names) {
  private static final Pattern NAME =
      Pattern.compile(
          "^([A-Z][A-Za-z]*(?: [A-Za-z]+)?):(?=\\s|\\z)", Pattern.MULTILINE | Pattern.UNIX_LINES);

  /**
   * Finds them.
   *
   * @throws InvalidInput if there are none
   */
  public static FieldNames of(String task, List<TaskItem> items) {
    Set<String> names = new LinkedHashSet<>(in(prompt(items.getFirst())));
    for (TaskItem item : items) names.retainAll(in(prompt(item)));
    if (names.isEmpty()) {
      throw new InvalidInput(
          ("the prompts of %s have no field names in common, such as \"Answer:\" at the beginning"
                  + " of a line, so they have one format; ask for it without --formats")
              .formatted(task));
    }
    return new FieldNames(names);
  }

  private static String prompt(TaskItem item) {
    return switch (item.requests().getFirst()) {
      case TextRequest.Continuation request -> request.context();
      case TextRequest.Completion request -> request.context();
      case TextRequest.Whole _ -> "";
    };
  }

  private static List<String> in(String prompt) {
    return NAME.matcher(prompt).results().map(found -> found.group(1)).toList();
  }

  /** The items with their fields written otherwise, in examples too. */
  public List<TaskItem> written(List<TaskItem> items, PromptFormat format) {
    Pattern fields = pattern();
    return items.stream()
        .map(
            item ->
                new TaskItem(
                    item.id(),
                    item.requests().stream().map(each -> written(each, fields, format)).toList(),
                    item.expected(),
                    item.cluster()))
        .toList();
  }

  /** A field, with the line break before it where it follows another one's line. */
  private Pattern pattern() {
    String any = names.stream().map(Pattern::quote).collect(Collectors.joining("|"));
    return Pattern.compile(
        "(?:(?<joint>(?<=[^\\n])\\n)|^)(?<name>" + any + "):(?=\\s|\\z)",
        Pattern.MULTILINE | Pattern.UNIX_LINES);
  }

  private static TextRequest written(TextRequest request, Pattern fields, PromptFormat format) {
    return switch (request) {
      case TextRequest.Continuation(String context, String continuation) ->
          new TextRequest.Continuation(written(context, fields, format), continuation);
      case TextRequest.Completion(String context, GenerationSpec generation) ->
          new TextRequest.Completion(written(context, fields, format), generation);
      case TextRequest.Whole whole -> whole;
    };
  }

  private static String written(String prompt, Pattern fields, PromptFormat format) {
    return fields
        .matcher(prompt)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    (found.group("joint") == null ? "" : format.joint())
                        + format.casing().of(found.group("name"))
                        + format.separator()));
  }
}
