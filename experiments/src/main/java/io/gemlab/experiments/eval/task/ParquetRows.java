package io.gemlab.experiments.eval.task;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.row.PqList;
import dev.hardwood.row.PqStruct;
import dev.hardwood.row.StructAccessor;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.jinja.JinjaValues;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Documents in a Parquet file, as Hugging Face's data sets are kept. What no template computes
 * with, such as images and dates, is left out.
 */
final class ParquetRows {
  /** Held, or its level would be forgotten: the library tells each process that it has SIMD. */
  private static final Logger LIBRARY = Logger.getLogger("dev.hardwood");

  static {
    LIBRARY.setLevel(Level.WARNING);
  }

  private ParquetRows() {}

  /**
   * Reads them.
   *
   * @throws InvalidInput if it can't be read
   */
  static List<Document> read(Path file) {
    List<Document> rows = new ArrayList<>();
    try (ParquetFileReader parquet = ParquetFileReader.open(InputFile.of(file));
        RowReader reader = parquet.rowReader()) {
      while (reader.hasNext()) {
        reader.next();
        rows.add(new Document(fields(reader)));
      }
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    } catch (RuntimeException e) {
      // Damage comes out of the library as exceptions of every kind.
      throw new InvalidInput(
          "%s is no Parquet file that can be read (%s); fetch it again, or save it as jsonl"
              .formatted(file, firstLine(e)),
          e);
    }
    return rows;
  }

  private static String firstLine(RuntimeException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("it says no more");
  }

  private static Map<String, Object> fields(StructAccessor row) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < row.getFieldCount(); i++) {
      String name = row.getFieldName(i);
      value(row.isNull(i) ? null : row.getValue(i)).ifPresent(value -> fields.put(name, value));
    }
    return fields;
  }

  private static Optional<Object> value(Object value) {
    return switch (value) {
      case null -> Optional.of(JinjaValues.none());
      case String text -> Optional.of(text);
      case Boolean truth -> Optional.of(truth);
      case Integer number -> Optional.of(number.longValue());
      case Long number -> Optional.of(number);
      case Float number -> Optional.of(number.doubleValue());
      case Double number -> Optional.of(number);
      case PqStruct struct -> Optional.of(fields(struct));
      case PqList list -> {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) value(list.get(i)).ifPresent(values::add);
        yield Optional.of(values);
      }
      default -> Optional.empty();
    };
  }
}
