package io.gemlab.graph.text;

import io.gemlab.graph.InvalidInput;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens tokenizers by what their files are. */
public final class Tokenizers {
  private static final String JSON = "tokenizer.json";
  private static final String MODEL = "tokenizer.model";

  private Tokenizers() {}

  /**
   * Opens a Hugging Face {@code .json}, a SentencePiece {@code .model}, or a folder with {@code
   * tokenizer.json} or {@code tokenizer.model} in it; with both, the former.
   *
   * @throws InvalidInput if {@code path} is none of these, or its file is damaged
   */
  public static Tokenizer open(Path path) {
    if (Files.isDirectory(path)) return open(inside(path));
    String name = path.getFileName().toString();
    if (name.endsWith(".json")) return HuggingFaceTokenizer.open(path);
    if (name.endsWith(".model")) return SentencePieceTokenizer.open(path);
    throw new InvalidInput(
        "%s is no tokenizer: name a %s, a %s or a folder with one".formatted(path, JSON, MODEL));
  }

  private static Path inside(Path folder) {
    if (Files.exists(folder.resolve(JSON))) return folder.resolve(JSON);
    if (Files.exists(folder.resolve(MODEL))) return folder.resolve(MODEL);
    throw new InvalidInput(
        "%s has neither a %s nor a %s: copy the model's tokenizer there"
            .formatted(folder, JSON, MODEL));
  }
}
