package io.gemlab.graph.base.checkpoint;

import static io.gemlab.graph.base.input.InvalidInput.shown;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * {@code model.safetensors.index.json}: which shard holds which tensor.
 *
 * @param weightMap the shard's file, relative to the index's folder, by the tensor's name
 */
record ShardIndex(Path file, Map<String, String> weightMap) {
  /** No segment may begin with a dot, so none leads out of the folder. */
  private static final Pattern INSIDE =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*");

  /**
   * @throws InvalidInput if it is not an index, or names a shard outside its own folder
   */
  static ShardIndex read(Path file) {
    JsonNode node = JsonFile.readPython(file).path("weight_map");
    if (!node.isObject() || node.isEmpty()) {
      throw new InvalidInput(
          file + " has no \"weight_map\" of tensor names to shards: fetch or write it again");
    }
    Map<String, String> weightMap = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String shard = entry.getValue().asText();
      if (!entry.getValue().isTextual() || !INSIDE.matcher(shard).matches()) {
        throw new InvalidInput(
            "%s: weight_map puts %s into %s; the path of a file inside the folder is wanted"
                .formatted(file, shown(entry.getKey()), shown(entry.getValue().asText())));
      }
      weightMap.put(entry.getKey(), shard);
    }
    return new ShardIndex(file, weightMap);
  }

  /** The names of each shard's tensors, the shards in the order of their names. */
  SortedMap<String, TreeSet<String>> shards() {
    SortedMap<String, TreeSet<String>> shards = new TreeMap<>();
    weightMap.forEach(
        (name, shard) -> shards.computeIfAbsent(shard, _ -> new TreeSet<>()).add(name));
    return shards;
  }

  /**
   * @throws InvalidInput unless {@code shard} holds exactly the tensors that the index puts there;
   *     a copy of the tied embedding under the head's name may be in one and not in the other
   */
  void requireExactly(TreeSet<String> expected, SafetensorsFile shard) {
    for (String name : expected) {
      if (!shard.tensors().containsKey(name) && !TensorNames.mayBeUnlisted(name)) {
        throw new InvalidInput(
            "%s puts %s into %s, which has no such tensor: fetch or write the folder again"
                .formatted(file, shown(name), shard.path().getFileName()));
      }
    }
    for (String name : shard.tensors().keySet()) {
      if (!expected.contains(name) && !TensorNames.mayBeUnlisted(name)) {
        throw new InvalidInput(
            "%s holds %s, which %s does not put there: fetch or write the folder again"
                .formatted(shard.path(), shown(name), file.getFileName()));
      }
    }
  }
}
