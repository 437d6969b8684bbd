package io.gemlab.experiments.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.SyntaxProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.AbstractConstruct;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A task's YAML as PyYAML reads it, what it includes beneath it; {@code !function} becomes a {@link
 * FunctionName}.
 */
final class TaskYaml {
  private static final String INCLUDE = "include";
  private static final JsonMapper JSON = new JsonMapper();

  private TaskYaml() {}

  /** YAML without code: what a tag names is a name and nothing else. */
  private static final class Constructor extends SafeConstructor {
    Constructor() {
      super(new LoaderOptions());
      yamlConstructors.put(
          new Tag("!function"),
          new AbstractConstruct() {
            @Override
            public Object construct(Node node) {
              return new FunctionName(constructScalar((ScalarNode) node));
            }
          });
    }
  }

  /**
   * Reads a file and what it includes.
   *
   * @throws InvalidInput if it can't be read, is no mapping, has a tag that is not known, or
   *     includes itself
   */
  static ObjectNode read(YamlSource source) {
    return read(source, new ArrayList<>());
  }

  private static ObjectNode read(YamlSource source, List<YamlSource> including) {
    if (including.contains(source)) {
      throw new InvalidInput(source.name() + " includes itself; leave one include out");
    }
    including.add(source);
    ObjectNode own = parse(source);
    JsonNode included = own.remove(INCLUDE);
    if (included == null) return own;
    ObjectNode merged = JSON.createObjectNode();
    for (JsonNode name : included.isArray() ? included : JSON.createArrayNode().add(included)) {
      if (!name.isTextual()) {
        throw new InvalidInput(
            "%s: include is %s; give a file's name".formatted(source.name(), included));
      }
      merged.setAll(read(source.included(name.textValue()), new ArrayList<>(including)));
    }
    merged.remove("task_list");
    merged.setAll(own);
    return merged;
  }

  private static ObjectNode parse(YamlSource source) {
    Object read;
    try {
      read = new Yaml(new Constructor()).load(source.read());
    } catch (YAMLException e) {
      throw new InvalidInput(
          source.name() + " is not valid YAML: " + SyntaxProblem.of(e) + "; repair the file", e);
    }
    if (node(read) instanceof ObjectNode object) return object;
    throw new InvalidInput(
        source.name() + " is no task: its top is not a mapping of keys to values");
  }

  private static JsonNode node(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        ObjectNode object = JSON.createObjectNode();
        map.forEach((key, element) -> object.set(String.valueOf(key), node(element)));
        yield object;
      }
      case List<?> list -> {
        ArrayNode array = JSON.createArrayNode();
        list.forEach(element -> array.add(node(element)));
        yield array;
      }
      case FunctionName function -> JSON.getNodeFactory().pojoNode(function);
      case null, default -> JSON.valueToTree(value);
    };
  }
}
