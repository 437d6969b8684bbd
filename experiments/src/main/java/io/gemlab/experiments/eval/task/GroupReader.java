package io.gemlab.experiments.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads a task, or a group with what it holds: names of tasks, groups or tags, whose files stand
 * beside the group's or which the build has, and tasks and groups written out in it, for which the
 * group's other keys hold too.
 *
 * @param tasks what was read so far
 * @param groups likewise
 * @param open what is being read, each held by the one before
 */
record GroupReader(List<TaskSpec> tasks, List<GroupSpec> groups, List<YamlSource> open) {
  private static final List<String> KEYS =
      List.of("group", "group_alias", "task", "aggregate_metric_list", "metadata", "tag");

  /** Adds what a source has. */
  void add(YamlSource source) {
    addFile(source, JsonNodeFactory.instance.objectNode());
  }

  /** Adds what a source has, with changes over it; answers its tasks' names. */
  private List<String> addFile(YamlSource source, ObjectNode changes) {
    if (open.contains(source)) {
      throw new InvalidInput(source.name() + " holds itself; leave it out of its own tasks");
    }
    open.add(source);
    List<String> names = add(source, over(source, changes));
    open.removeLast();
    return names;
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
      List<YamlSource> files = files(source, own.get("task").textValue());
      if (files.isEmpty()) return add(source, all);
      all.remove("task");
      return add(files, all);
    }
    if (!member.isTextual()) {
      throw new InvalidInput(
          "%s: the group's task is %s; give a list of names"
              .formatted(source.name(), InvalidInput.shown(member.toString())));
    }
    List<YamlSource> files = files(source, member.textValue());
    if (files.isEmpty()) {
      throw new InvalidInput(
          "%s: nothing beside it is called %s, as task, group or tag, nor is a built-in task"
              .formatted(source.name(), member.textValue()));
    }
    return add(files, all);
  }

  /** Adds each. */
  private List<String> add(List<YamlSource> files, ObjectNode changes) {
    return files.stream().flatMap(file -> addFile(file, changes).stream()).toList();
  }

  private static ObjectNode over(YamlSource file, ObjectNode changes) {
    ObjectNode yaml = TaskYaml.read(file);
    yaml.setAll(changes);
    return yaml;
  }

  /** What a name means: a file called so, those that call themselves or a tag so, or a built-in. */
  private static List<YamlSource> files(YamlSource source, String name) {
    YamlSource beside = source.included(name + ".yaml");
    boolean exists =
        switch (beside) {
          case YamlSource.File file -> Files.exists(file.path());
          case YamlSource.BuiltIn resource -> resource.exists();
        };
    if (exists) return List.of(beside);
    List<YamlSource> called = source.folder().map(folder -> called(folder, name)).orElse(List.of());
    if (!called.isEmpty()) return called;
    return TaskFiles.BUILT_IN.contains(name)
        ? List.of(new YamlSource.BuiltIn(name + ".yaml"))
        : List.of();
  }

  private static List<YamlSource> called(Path folder, String name) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(file -> file.toString().endsWith(".yaml"))
          .sorted()
          .<YamlSource>map(YamlSource.File::new)
          .filter(file -> isCalled(file, name))
          .toList();
    } catch (IOException e) {
      throw InvalidInput.unreadable(folder, e);
    }
  }

  private static boolean isCalled(YamlSource file, String name) {
    ObjectNode yaml;
    try {
      yaml = TaskYaml.read(file);
    } catch (InvalidInput otherKindOfFile) {
      return false;
    }
    for (String key : List.of("task", "group", "tag")) {
      JsonNode names = yaml.path(key);
      if (names.asText().equals(name)) return true;
      if (!key.equals("tag")) continue;
      for (JsonNode each : names) if (each.asText().equals(name)) return true;
    }
    return false;
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
