package io.gemlab.graph.path.product;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The choice of a run, in its folder or beside the file that it makes. All its processes, and those
 * that resume it, use the same file: what one chose all others take, whatever timings say by then.
 */
public final class RecordedProducts implements Products {
  /** What the file is called in a run's folder. */
  public static final String NAME = "products.json";

  /** What it has in a run's folder. */
  public static final Set<String> FILES =
      Set.of(NAME, LockedFile.lock(Path.of(NAME)).getFileName().toString());

  /** Begins the text of one. */
  static final String FILE = "file:";

  private static final String ASKED = "products";
  private static final String CHOSEN = "chosen";

  private final Path file;
  private final Products asked;
  private final Map<ProductShape, ProductKernel> known = new LinkedHashMap<>();

  private RecordedProducts(Path file, Products asked) {
    this.file = file;
    this.asked = asked;
  }

  /**
   * A run's. Nothing is written before {@link #begin}.
   *
   * @param folder the run's
   * @param asked what is asked for now
   * @param resume whether it was begun: then what it began with counts. One that a version before
   *     there was a choice began had TensorFlow's products.
   * @throws InvalidInput if another kernel is pinned than it was begun with, or its file is damaged
   */
  public static RecordedProducts of(Path folder, Products asked, boolean resume) {
    return of(folder, folder.resolve(NAME), asked, resume);
  }

  /**
   * The same of a run that makes one file: beside it, as {@code FILE.products.json}.
   *
   * @param made the run's
   */
  public static RecordedProducts beside(Path made, Products asked, boolean resume) {
    return of(made, made.resolveSibling(made.getFileName() + "." + NAME), asked, resume);
  }

  private static RecordedProducts of(Path run, Path file, Products asked, boolean resume) {
    if (!resume) return new RecordedProducts(file, asked);
    Products begun = Files.exists(file) ? open(file).asked : TENSORFLOW;
    if (asked.pin().isPresent() && !asked.pin().equals(begun.pin())) {
      throw new InvalidInput(
          "%s was begun with products %s and not %s; leave --products out, or begin anew"
              .formatted(run, begun.text(), asked.text()));
    }
    return new RecordedProducts(file, begun);
  }

  /**
   * Readies the file.
   *
   * @param resume whether one that is there stays
   */
  public void begin(boolean resume) throws IOException {
    LockedFile.during(
        file,
        () -> {
          if (resume && Files.exists(file)) return;
          ObjectNode fresh = JsonNodeFactory.instance.objectNode();
          fresh.put(ASKED, asked.text());
          fresh.putObject(CHOSEN);
          write(file, fresh);
        });
  }

  /**
   * The one in a file.
   *
   * @throws InvalidInput if it holds none
   */
  static RecordedProducts open(Path file) {
    String asked = JsonFile.readObject(file).path(ASKED).asText();
    if (!Products.names().contains(asked)) throw damaged(file);
    return at(file, Products.parse(asked));
  }

  /** The one in a file, of which others say what it hasn't. */
  static RecordedProducts at(Path file, Products others) {
    return new RecordedProducts(file, others);
  }

  @Override
  public synchronized Map<ProductShape, ProductKernel> choose(Set<ProductShape> shapes) {
    Set<ProductShape> open = new LinkedHashSet<>(shapes);
    open.removeIf(shape -> !shape.hasChoice());
    if (!known.keySet().containsAll(open)) decide(open);
    Set<ProductShape> others = new LinkedHashSet<>(shapes);
    others.removeAll(open);
    Map<ProductShape, ProductKernel> choice = new LinkedHashMap<>(asked.choose(others));
    open.forEach(shape -> choice.put(shape, known.get(shape)));
    return choice;
  }

  /** Takes what the file has, and adds to it what it hasn't. */
  private void decide(Set<ProductShape> open) {
    try {
      LockedFile.during(
          file,
          () -> {
            ObjectNode all = JsonFile.readObject(file);
            if (!(all.path(CHOSEN) instanceof ObjectNode chosen)) throw damaged(file);
            Set<ProductShape> missing = new LinkedHashSet<>();
            for (ProductShape shape : open) {
              recorded(chosen, shape)
                  .ifPresentOrElse(kernel -> known.put(shape, kernel), () -> missing.add(shape));
            }
            if (missing.isEmpty()) return;
            Map<ProductShape, ProductKernel> added = asked.choose(missing);
            added.forEach((shape, kernel) -> chosen.put(shape.toString(), kernel.label()));
            write(file, all);
            known.putAll(added);
          });
    } catch (IOException e) {
      throw new UncheckedIOException("choosing products by " + file, e);
    }
  }

  private Optional<ProductKernel> recorded(ObjectNode chosen, ProductShape shape) {
    String label = chosen.path(shape.toString()).asText();
    if (label.isEmpty()) return Optional.empty();
    return Optional.of(
        ProductKernel.find(label)
            .filter(kernel -> kernel.applies(shape))
            .orElseThrow(() -> damaged(file)));
  }

  private static InvalidInput damaged(Path file) {
    return new InvalidInput(
        file + " doesn't say which kernels compute products; restore it, or begin the run anew");
  }

  private static void write(Path file, ObjectNode content) throws IOException {
    WholeFile.write(file, (content.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public Optional<ProductKernel> pin() {
    return asked.pin();
  }

  @Override
  public String text() {
    return FILE + file.toAbsolutePath();
  }
}
