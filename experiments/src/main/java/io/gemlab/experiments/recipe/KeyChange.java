package io.gemlab.experiments.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import java.util.List;
import java.util.Map;

/**
 * A value given over a recipe's on the command line, {@code --set training.steps=40}.
 *
 * @param text as it was given, for messages
 * @param path the keys to it, with dots between
 * @param value in YAML
 */
public record KeyChange(String text, String path, JsonNode value) {
  /**
   * Reads a change.
   *
   * @throws InvalidInput if it is not {@code key=value}, or the value is not YAML
   */
  public static KeyChange of(String text) {
    int split = text.indexOf('=');
    if (split < 1) {
      throw new InvalidInput(
          "--set " + InvalidInput.shown(text) + " has no key and value; give training.steps=40");
    }
    try {
      return new KeyChange(
          text, text.substring(0, split).strip(), RecipeYaml.value(text.substring(split + 1)));
    } catch (JsonProcessingException e) {
      throw new InvalidInput(
          "--set " + InvalidInput.shown(text) + ": the value is not valid YAML", e);
    }
  }

  /** The same change of another mapping, whose key is the rest of this path. */
  public KeyChange in(String rest) {
    return new KeyChange(text, rest, value);
  }

  /**
   * Makes the change in a recipe, or in a mapping of one.
   *
   * @param known keys at its top
   * @param sections the keys of those that have keys of their own
   * @throws InvalidInput that names the nearest key if there is none of this name
   */
  public void apply(ObjectNode node, List<Key<?>> known, Map<String, List<Key<?>>> sections) {
    String[] parts = path.split("\\.", 2);
    if (parts.length == 1) requireAtTop(known, sections);
    require("--set: key", parts[0], known);
    if (parts.length == 1) {
      node.set(parts[0], value);
      return;
    }
    if (!sections.containsKey(parts[0])) {
      throw new InvalidInput(
          "--set %s: %s has no keys of its own".formatted(InvalidInput.shown(text), parts[0]));
    }
    require("--set: key of " + parts[0], parts[1], sections.get(parts[0]));
    if (!(node.get(parts[0]) instanceof ObjectNode)) node.putObject(parts[0]);
    ((ObjectNode) node.get(parts[0])).set(parts[1], value);
  }

  /** A key of a section is likely to be given without it. */
  private void requireAtTop(List<Key<?>> known, Map<String, List<Key<?>>> sections) {
    if (known.stream().anyMatch(key -> key.name().equals(path))) return;
    List<String> meant =
        sections.entrySet().stream()
            .filter(section -> section.getValue().stream().anyMatch(key -> key.name().equals(path)))
            .map(section -> section.getKey() + "." + path)
            .sorted()
            .toList();
    if (meant.isEmpty()) return;
    throw new InvalidInput(
        "--set: key %s is not known; did you mean %s?"
            .formatted(InvalidInput.shown(path), String.join(" or ", meant)));
  }

  private static void require(String what, String key, List<Key<?>> known) {
    List<String> names = known.stream().map(Key::name).toList();
    if (!names.contains(key)) throw NearestName.unknown(what, key, names);
  }
}
