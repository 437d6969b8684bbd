package io.gemlab.experiments.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a task, or a group with what it holds: names of tasks, whose files stand beside the group's
 * or which the build has, and tasks and groups written out in it, for which the group's other keys
 * hold too.
 *
 * @param tasks what was read so far
 * @param groups likewise
 */
record GroupReader(List<TaskSpec> tasks, List<GroupSpec> groups) {
  private static final List<String> KEYS =
      List.of("group", "group_alias", "task", "aggregate_metric_list", "metadata", "tag");

  /** Adds what a source has. */
  void add(YamlSource source) {
    add(source, TaskYaml.read(source));
  }

  /** Adds it; answers its tasks' names. */
  private List<String> add(YamlSource source, ObjectNode yaml) {
    if (yaml.has("group")) return group(source, yaml);
    TaskSpec task = TaskReader.read(source, yaml);
    tasks.add(task);
    return List.of(task.name());
  }

  private List<String> group(YamlSource source, ObjectNode yaml) {
    ObjectNode own = JsonNodeFactory.instance.objectNode();
    ObjectNode shared = JsonNodeFactory.instance.objectNode();
    yaml.properties()
        .forEach(
            entry ->
                (KEYS.contains(entry.getKey()) ? own : shared)
                    .set(entry.getKey(), entry.getValue()));
    Fields fields = new Fields(source.name(), own);
    JsonNode members = own.path("task");
    List<String> names = new ArrayList<>();
    for (JsonNode member : members.isArray() ? members : List.of(members)) {
      names.addAll(member(source, shared, member));
    }
    groups.add(
        new GroupSpec(
            fields.text("group"),
            Optional.ofNullable(fields.object("metadata").get("version")).map(JsonNode::asText),
            names,
            averages(fields)));
    return names;
  }

  private List<String> member(YamlSource source, ObjectNode shared, JsonNode member) {
    ObjectNode all = shared.deepCopy();
    if (member instanceof ObjectNode own) {
      all.setAll(own);
      if (own.has("group")) return add(source, all);
      if (!own.path("task").isTextual()) {
        throw new InvalidInput(
            "%s: a member of the group is %s; give a name, or a mapping with task or group"
                .formatted(source.name(), InvalidInput.shown(own.toString())));
      }
      Optional<YamlSource> file = file(source, own.get("task").textValue());
      return file.isEmpty() ? add(source, all) : add(file.get(), over(file.get(), all));
    }
    if (!member.isTextual()) {
      throw new InvalidInput(
          "%s: the group's task is %s; give a list of names"
              .formatted(source.name(), InvalidInput.shown(member.toString())));
    }
    YamlSource file =
        file(source, member.textValue())
            .orElseThrow(
                () ->
                    new InvalidInput(
                        "%s: there is no task %s beside it, as %s.yaml, nor a built-in one"
                            .formatted(source.name(), member.textValue(), member.textValue())));
    return add(file, over(file, all));
  }

  private static ObjectNode over(YamlSource file, ObjectNode changes) {
    ObjectNode yaml = TaskYaml.read(file);
    yaml.setAll(changes);
    return yaml;
  }

  private static Optional<YamlSource> file(YamlSource source, String name) {
    YamlSource beside = source.included(name + ".yaml");
    boolean exists =
        switch (beside) {
          case YamlSource.File file -> Files.exists(file.path());
          case YamlSource.BuiltIn resource -> resource.exists();
        };
    if (exists) return Optional.of(beside);
    return TaskFiles.BUILT_IN.contains(name)
        ? Optional.of(new YamlSource.BuiltIn(name + ".yaml"))
        : Optional.empty();
  }

  private static List<GroupSpec.Average> averages(Fields fields) {
    if (!fields.has("aggregate_metric_list")) return List.of();
    return fields.objects("aggregate_metric_list").stream()
        .map(
            each -> {
              each.only(List.of("metric", "aggregation", "weight_by_size", "filter_list"));
              return new GroupSpec.Average(
                  each.text("metric"), !each.has("weight_by_size") || each.flag("weight_by_size"));
            })
        .toList();
  }
}
