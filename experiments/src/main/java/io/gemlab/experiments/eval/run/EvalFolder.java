package io.gemlab.experiments.eval.run;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.experiments.eval.result.ModelInfo;
import io.gemlab.experiments.run.FolderLock;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.path.product.RecordedProducts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The folder of an evaluation while it runs: answers of one model, which a later run finds again.
 */
final class EvalFolder implements AutoCloseable {
  private static final String MODEL = "model.json";
  private static final JsonMapper JSON = new JsonMapper();

  private final Path path;
  private final FolderLock lock;
  private final AnswerFile answers;
  private final RecordedProducts products;

  private EvalFolder(Path path, FolderLock lock, AnswerFile answers, RecordedProducts products) {
    this.path = path;
    this.lock = lock;
    this.answers = answers;
    this.products = products;
  }

  /**
   * Opens it.
   *
   * @param resume whether answers that are there are to be gone on with
   * @param asked which kernels are to compute products; what answers were begun with counts
   * @throws InvalidInput if it holds something and is not to be gone on with, or answers of another
   *     model or by other products, or somebody else has it
   */
  static EvalFolder open(Path path, ModelInfo model, Products asked, boolean resume)
      throws IOException {
    FolderLock lock = FolderLock.take(path);
    try {
      boolean begun = AnswerFile.isBegun(path);
      if (!resume) requireEmpty(path, begun);
      Path known = path.resolve(MODEL);
      if (begun) requireSame(path, model, known);
      else WholeFile.write(known, JSON.writeValueAsBytes(model));
      RecordedProducts products = RecordedProducts.of(path, asked, begun);
      products.begin(begun);
      return new EvalFolder(path, lock, AnswerFile.open(path), products);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** What a run leaves that ended before its first answer is nothing. */
  private static void requireEmpty(Path path, boolean begun) throws IOException {
    Set<String> nothing =
        begun ? Set.of(FolderLock.FILE) : Set.of(FolderLock.FILE, MODEL, AnswerFile.FILE);
    try (Stream<Path> entries = Files.list(path)) {
      entries
          .filter(entry -> !nothing.contains(entry.getFileName().toString()))
          .filter(
              entry -> begun || !RecordedProducts.FILES.contains(entry.getFileName().toString()))
          .findFirst()
          .ifPresent(
              first -> {
                throw new InvalidInput(
                    "%s already holds %s; --resume takes the answers that are there, or name another folder"
                        .formatted(path, first.getFileName()));
              });
    }
  }

  private static void requireSame(Path path, ModelInfo model, Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new InvalidInput(
          "%s has answers of a model that it doesn't name (there is no %s); name another folder"
              .formatted(path, MODEL));
    }
    ModelInfo before = JSON.treeToValue(JsonFile.readObject(file), ModelInfo.class);
    String difference = model.difference(before);
    if (!difference.isEmpty()) {
      throw new InvalidInput(
          "%s has answers of another model (%s); name another folder".formatted(path, difference));
    }
  }

  Path path() {
    return path;
  }

  /** Which kernels compute products. */
  Products products() {
    return products;
  }

  AnswerFile answers() {
    return answers;
  }

  @Override
  public void close() throws IOException {
    try (lock) {
      answers.close();
    }
  }
}
