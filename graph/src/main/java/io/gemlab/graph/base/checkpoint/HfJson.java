package io.gemlab.graph.base.checkpoint;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Writes what Hugging Face's libraries read, in their manner. */
public final class HfJson {
  /** The metadata of a safetensors file; older transformers refuse one without it. */
  public static final Map<String, String> FILE_METADATA = Map.of("format", "pt");

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          // An Infinity that was read goes back as one, as Python writes it, and not as a text.
          .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
          .defaultPrettyPrinter(
              new DefaultPrettyPrinter(
                      Separators.createDefaultInstance()
                          .withObjectFieldValueSpacing(Separators.Spacing.AFTER))
                  .withObjectIndenter(new DefaultIndenter("  ", "\n"))
                  .withArrayIndenter(new DefaultIndenter("  ", "\n")))
          .build();

  private HfJson() {}

  /** Writes a JSON file as Python does, with an indent of two. */
  public static void write(Path file, ObjectNode node) throws IOException {
    Files.writeString(file, JSON.writeValueAsString(node) + "\n");
  }
}
