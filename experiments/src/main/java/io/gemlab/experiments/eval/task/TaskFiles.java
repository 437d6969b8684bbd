package io.gemlab.experiments.eval.task;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Opens tasks and groups by name, or by the file that has them. */
public final class TaskFiles {
  /** Those that the build has. */
  public static final List<String> BUILT_IN =
      List.of(
          "arc_challenge",
          "arc_easy",
          "boolq",
          "copa",
          "gsm8k",
          "hellaswag",
          "lambada_openai",
          "mmlu",
          "piqa",
          "winogrande");

  private TaskFiles() {}

  /**
   * What was asked for.
   *
   * @param tasks each once
   * @param groups those that were named, and their subgroups
   */
  public record Selection(List<TaskSpec> tasks, List<GroupSpec> groups) {}

  /**
   * @param names of built-in tasks and groups, or files in YAML
   * @throws InvalidInput if a name is not known or comes twice, or a file can't be read or has what
   *     isn't known
   */
  public static Selection open(List<String> names) {
    List<TaskSpec> tasks = new ArrayList<>();
    List<GroupSpec> groups = new ArrayList<>();
    GroupReader reader = new GroupReader(tasks, groups, new ArrayList<>());
    for (String name : names) reader.add(source(name));
    Set<String> seen = new HashSet<>();
    for (TaskSpec task : tasks) {
      if (!seen.add(task.name())) {
        throw new InvalidInput("the task " + task.name() + " is named twice; name it once");
      }
    }
    return new Selection(tasks, groups);
  }

  private static YamlSource source(String name) {
    if (name.endsWith(".yaml") || name.endsWith(".yml") || name.contains("/")) {
      return new YamlSource.File(Path.of(name));
    }
    if (BUILT_IN.contains(name)) return new YamlSource.BuiltIn(name + ".yaml");
    throw NearestName.unknown("the task (name one, or a file FILE.yaml)", name, BUILT_IN);
  }
}
