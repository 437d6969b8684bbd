package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A file with a JSON object a line, each with the {@code step} that it was written after. A line is
 * handed to the operating system as it is written, so that a killed process loses at most part of
 * its last.
 */
final class JsonLog implements AutoCloseable {
  /** The key of the steps done. */
  static final String STEP = "step";

  private static final JsonMapper JSON = new JsonMapper();

  private final Path file;
  private final BufferedWriter writer;

  private JsonLog(Path file, BufferedWriter writer) {
    this.file = file;
    this.writer = writer;
  }

  /**
   * Goes on with a log where a run goes on: what came after that step is cut off, since it will
   * come again.
   *
   * @param steps steps done
   * @throws InvalidInput if a line before it is none of a log
   */
  static JsonLog goOn(Path file, int steps) {
    try {
      StringBuilder kept = new StringBuilder();
      for (ObjectNode line : read(file)) {
        if (line.path(STEP).asInt() <= steps) kept.append(line).append('\n');
      }
      WholeFile.write(file, kept.toString().getBytes(StandardCharsets.UTF_8));
      return new JsonLog(file, Files.newBufferedWriter(file, StandardOpenOption.APPEND));
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + file, e);
    }
  }

  /**
   * The lines of a log; none where there is no file. A last line that a killed process did not
   * finish is left out.
   *
   * @throws InvalidInput if another line is not valid
   */
  static List<ObjectNode> read(Path file) {
    List<ObjectNode> lines = new ArrayList<>();
    if (!Files.exists(file)) return lines;
    try {
      String text = Files.readString(file);
      String[] all = text.split("\n");
      for (int i = 0; i < all.length; i++) {
        if (all[i].isEmpty()) continue;
        boolean unfinished = i == all.length - 1 && !text.endsWith("\n");
        if (!unfinished) lines.add(parsed(file, i + 1, all[i]));
      }
      return lines;
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
  }

  private static ObjectNode parsed(Path file, int number, String line) {
    try {
      JsonNode node = JSON.readTree(line);
      if (node instanceof ObjectNode object && object.path(STEP).isInt()) return object;
    } catch (JsonProcessingException e) {
      // Said below, as of a line of another kind.
    }
    throw new InvalidInput(
        "%s, line %d is not JSON with a step: %s; delete the line"
            .formatted(file, number, InvalidInput.shown(line)));
  }

  /** A line to fill and {@link #add}. */
  static ObjectNode line(int step) {
    return JSON.createObjectNode().put(STEP, step);
  }

  void add(ObjectNode line) {
    try {
      writer.write(line.toString());
      writer.write('\n');
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + file, e);
    }
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + file, e);
    }
  }
}
