package io.gemlab.experiments.eval.task;

import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;

/**
 * Twins of the Python functions that lm-evaluation-harness 0.4.13's tasks of this build's list
 * call. A name alone says little ({@code utils.process_docs} is each task's own), so a twin belongs
 * to a data set; and a Python file that stands beside a task must be the one that it is a twin of.
 */
final class DocFunctions {
  /**
   * What tells a twin.
   *
   * @param dataset the task's {@code dataset_path}
   * @param qualified the function's name, its module before it
   */
  private record Key(String dataset, String qualified) {}

  /**
   * A twin.
   *
   * @param sha256 of the Python file that has the function
   */
  private record Twin(String sha256, Function<Document, Object> function) {}

  private static final String HELLASWAG =
      "07d23b60b28f2a4f658dcf8440623a63fe6644854ce9b846a114dde980dc1214";
  private static final String WINOGRANDE =
      "e55327629264a98f1d383fda24645b6779afb53fa0bce2150042b9416b1ae006";
  private static final String COPA =
      "0be98a907db647a518c42c916a61385b64f394cf9d0171b5cb86b7a036282de7";

  private static final Map<Key, Twin> TWINS =
      Map.of(
          new Key("Rowan/hellaswag", "utils.process_docs"),
          new Twin(HELLASWAG, HellaSwag::processed),
          new Key("allenai/winogrande", "preprocess_winogrande.doc_to_text"),
          new Twin(WINOGRANDE, Winogrande::answer),
          new Key("allenai/winogrande", "preprocess_winogrande.doc_to_target"),
          new Twin(WINOGRANDE, Winogrande::behindTheBlank),
          new Key("allenai/winogrande", "preprocess_winogrande.doc_to_choice"),
          new Twin(WINOGRANDE, Winogrande::beginnings),
          new Key("aps/super_glue", "utils.doc_to_text"),
          new Twin(COPA, Copa::premise),
          new Key("aps/super_glue", "utils.doc_to_target"),
          new Twin(COPA, Copa::answer),
          new Key("aps/super_glue", "utils.doc_to_choice"),
          new Twin(COPA, Copa::choices));

  private DocFunctions() {}

  /**
   * The twin of a function.
   *
   * @param source the task that names it
   * @param key under which it stands there
   * @param dataset the task's {@code dataset_path}
   * @throws InvalidInput if there is none, or the Python file beside the task is another one
   */
  static Function<Document, Object> twin(
      YamlSource source, String key, String dataset, FunctionName name) {
    Twin twin = TWINS.get(new Key(dataset, name.qualified()));
    if (twin == null) {
      throw new InvalidInput(
          "%s: %s calls Python, !function %s, which has no twin here for %s; write it as a template"
              .formatted(source.name(), key, name.qualified(), dataset));
    }
    source.folder().ifPresent(folder -> requireSame(folder, name, twin));
    return twin.function();
  }

  private static void requireSame(Path folder, FunctionName name, Twin twin) {
    String module = name.qualified().substring(0, name.qualified().lastIndexOf('.'));
    Path python = folder.resolve(module + ".py");
    if (Files.exists(python) && !Sha256.of(python).equals(twin.sha256())) {
      throw new InvalidInput(
          "%s is not lm-evaluation-harness 0.4.13's, so its %s has no twin here; write it as a template"
              .formatted(python, name.qualified()));
    }
  }
}
