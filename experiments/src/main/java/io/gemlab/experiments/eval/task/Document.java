package io.gemlab.experiments.eval.task;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One item of a data set.
 *
 * @param fields texts, booleans, numbers, lists and maps by their names, and Python's None, as
 *     templates compute with them
 */
public record Document(Map<String, Object> fields) {
  public Document {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  /** The same with a field set. */
  Document with(String field, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(fields);
    more.put(field, value);
    return new Document(more);
  }

  /**
   * A field that must be a text.
   *
   * @throws InvalidInput if it is none
   */
  String text(String field) {
    if (fields.get(field) instanceof String text) return text;
    throw invalid(field, "a text");
  }

  /**
   * A field that must be a list of texts.
   *
   * @throws InvalidInput if it is none
   */
  List<String> texts(String field) {
    if (fields.get(field) instanceof List<?> list
        && list.stream().allMatch(String.class::isInstance)) {
      return list.stream().map(String.class::cast).toList();
    }
    throw invalid(field, "a list of texts");
  }

  /** What to say of a field. */
  InvalidInput invalid(String field, String wanted) {
    return new InvalidInput(
        fields.containsKey(field)
            ? "the field %s is %s; the task wants %s"
                .formatted(field, InvalidInput.shown(String.valueOf(fields.get(field))), wanted)
            : "there is no field %s, which the task wants; there is %s"
                .formatted(field, String.join(", ", fields.keySet())));
  }
}
