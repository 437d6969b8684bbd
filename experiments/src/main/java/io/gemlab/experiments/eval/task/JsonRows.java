package io.gemlab.experiments.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.JsonLines;
import io.gemlab.graph.base.text.jinja.JinjaValues;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Documents in a file with a JSON object a line. */
final class JsonRows {
  private JsonRows() {}

  /**
   * Reads them. A field that only some have is None in the others, as Hugging Face's data sets have
   * it.
   *
   * @throws InvalidInput if it can't be read, or a line is no object
   */
  static List<Document> read(Path file) {
    List<Map<String, Object>> rows = new ArrayList<>();
    Set<String> fields = new LinkedHashSet<>();
    JsonLines.forEach(
        file,
        (line, number) -> {
          rows.add(JinjaValues.of(object(file, line, number)));
          fields.addAll(rows.getLast().keySet());
        });
    return rows.stream().map(row -> complete(row, fields)).toList();
  }

  private static JsonNode object(Path file, JsonNode line, long number) {
    if (line.isObject()) return line;
    throw new InvalidInput(
        "%s, line %d is %s; give an object {...} a line"
            .formatted(file, number, InvalidInput.shown(line.toString())));
  }

  private static Document complete(Map<String, Object> row, Set<String> fields) {
    if (row.size() == fields.size()) return new Document(row);
    Map<String, Object> complete = new LinkedHashMap<>();
    for (String field : fields) {
      complete.put(field, row.getOrDefault(field, JinjaValues.none()));
    }
    return new Document(complete);
  }
}
