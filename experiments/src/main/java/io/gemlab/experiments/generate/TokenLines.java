package io.gemlab.experiments.generate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.text.Tokenizer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * Texts to token ids and back, a line of JSON for each: {@code {"text": ...}} and {@code {"ids":
 * [...]}}. Other keys of a line are not read. A line is answered before the next is waited for.
 */
public enum TokenLines {
  /** Texts to ids: special tokens that are spelled in a text are parsed, and none is added. */
  ENCODE {
    @Override
    Map<String, ?> answer(Tokenizer tokenizer, JsonNode line) {
      JsonNode text = line.path("text");
      if (!text.isTextual()) throw unusable("text", text, "a text");
      return Map.of("ids", tokenizer.encode(text.textValue()));
    }
  },

  /** Ids to texts. */
  DECODE {
    @Override
    Map<String, ?> answer(Tokenizer tokenizer, JsonNode line) {
      JsonNode list = line.path("ids");
      if (!list.isArray()) throw unusable("ids", list, "a list of numbers");
      int[] ids = new int[list.size()];
      for (int i = 0; i < ids.length; i++) {
        if (!list.get(i).isInt()) throw unusable("ids[" + i + "]", list.get(i), "a whole number");
        ids[i] = list.get(i).intValue();
      }
      return Map.of("text", tokenizer.decode(ids));
    }
  };

  private static final JsonMapper JSON = new JsonMapper();

  abstract Map<String, ?> answer(Tokenizer tokenizer, JsonNode line);

  /**
   * Answers every line of {@code in}, until there are no more or nobody reads {@code out}.
   *
   * @throws InvalidInput if a line is not UTF-8, not JSON or not of the form; it names the line,
   *     and those before it are answered
   */
  public void run(Tokenizer tokenizer, InputStream in, PrintWriter out) {
    InputStream buffered = new BufferedInputStream(in, 1 << 16);
    try {
      byte[] line = next(buffered);
      for (long number = 1; line != null; number++) {
        out.print(answer(tokenizer, number, line) + "\n");
        // Whoever waits for this answer before the next line gets it; a whole file goes in blocks.
        if (buffered.available() == 0 && out.checkError()) return;
        line = next(buffered);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("reading lines", e);
    } finally {
      out.flush();
    }
  }

  private String answer(Tokenizer tokenizer, long number, byte[] line) {
    String name = "line " + number;
    JsonNode json = JsonFile.parseObject(name, line);
    try {
      return JSON.writeValueAsString(answer(tokenizer, json));
    } catch (InvalidInput e) {
      throw new InvalidInput(name + ": " + e.getMessage(), e);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("ids and text are always JSON", e);
    }
  }

  /** The bytes up to a line's end; null where there are none. */
  private static byte[] next(InputStream in) throws IOException {
    int b = in.read();
    if (b < 0) return null;
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (; b >= 0 && b != '\n'; b = in.read()) line.write(b);
    return line.toByteArray();
  }

  private static InvalidInput unusable(String key, JsonNode value, String wanted) {
    return new InvalidInput(
        "%s is %s; give %s"
            .formatted(
                key,
                value.isMissingNode() ? "missing" : InvalidInput.shown(value.toString()),
                wanted));
  }
}
