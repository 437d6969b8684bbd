package io.gemlab.experiments;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The graph module's golden files: what Hugging Face and SentencePiece gave. */
public final class GoldenFiles {
  private GoldenFiles() {}

  /** A file or folder, such as {@code golden/ckpt_f32}. */
  public static Path of(String name) {
    try {
      return Path.of(GoldenFiles.class.getResource("/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A copy of the golden checkpoint with a tokenizer of its vocabulary beside it. */
  public static Path checkpointWithTokenizer(Path parent) throws IOException {
    Path folder = Files.createDirectory(parent.resolve("golden"));
    try (Stream<Path> files = Files.list(of("golden/ckpt_f32"))) {
      for (Path file : files.toList()) Files.copy(file, folder.resolve(file.getFileName()));
    }
    Files.copy(of("tokenizer/tokenizer_tiny.model"), folder.resolve("tokenizer.model"));
    return folder;
  }
}
