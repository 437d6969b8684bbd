package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.GitLfs;
import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Opens tokenizers by what their files are. */
public final class Tokenizers {
  private static final String JSON = "tokenizer.json";
  private static final String MODEL = "tokenizer.model";
  private static final String MODEL_SUFFIX = ".model";

  private Tokenizers() {}

  /**
   * Opens a Hugging Face {@code .json}, a SentencePiece {@code .model}, or a folder with {@code
   * tokenizer.json} or {@code tokenizer.model} in it; with both, the former.
   *
   * @throws InvalidInput if {@code path} is none of these, or its file is damaged or a Git LFS
   *     pointer
   */
  public static Tokenizer open(Path path) {
    Path file = file(path);
    InvalidInput.requireExists(file);
    GitLfs.requireContent(file);
    String name = file.getFileName().toString();
    if (name.endsWith(".json")) return HuggingFaceTokenizer.open(file);
    if (name.endsWith(MODEL_SUFFIX)) return SentencePieceTokenizer.open(file);
    throw new InvalidInput(
        "%s is no tokenizer: name a %s, a %s or a folder with one".formatted(file, JSON, MODEL));
  }

  /**
   * The file that {@link #open} opens.
   *
   * @param path a file, or a folder with one in it
   * @throws InvalidInput if a folder has none
   */
  public static Path file(Path path) {
    return Files.isDirectory(path) ? requireIn(path) : path;
  }

  /**
   * Opens the tokenizer of a folder, if there is one in it.
   *
   * @throws InvalidInput if its file is damaged
   */
  public static Optional<Tokenizer> openIn(Path folder) {
    return fileIn(folder).map(Tokenizers::open);
  }

  /**
   * The tokenizer file of a folder that must have one.
   *
   * @throws InvalidInput if it has none, or is no folder
   */
  public static Path requireIn(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new InvalidInput(folder + " is not a folder: name the checkpoint's");
    }
    return fileIn(folder)
        .orElseThrow(
            () ->
                new InvalidInput(
                    "%s has neither a %s nor a %s: copy the model's tokenizer there"
                        .formatted(folder, JSON, MODEL)));
  }

  /**
   * The files of a tokenizer and its chat template, by the names under which a checkpoint folder
   * has them.
   *
   * @param path as for {@link #open}
   */
  public static Map<String, Path> files(Path path) {
    Path file = file(path);
    Map<String, Path> files = new HashMap<>();
    files.put(file.getFileName().toString().endsWith(MODEL_SUFFIX) ? MODEL : JSON, file);
    for (String name : List.of(ChatTemplateFile.CONFIG, ChatTemplateFile.JINJA)) {
      Path beside = file.resolveSibling(name);
      if (Files.exists(beside)) files.put(name, beside);
    }
    return files;
  }

  /** A broken link counts as a file: opening it says what it is. */
  private static Optional<Path> fileIn(Path folder) {
    return Stream.of(JSON, MODEL)
        .map(folder::resolve)
        .filter(file -> Files.exists(file, LinkOption.NOFOLLOW_LINKS))
        .findFirst();
  }
}
