package io.gemlab.graph.gemma2;

import static io.gemlab.graph.TestFiles.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.JsonFile;
import io.gemlab.graph.checkpoint.HfCheckpoint;
import io.gemlab.graph.checkpoint.SafetensorsFile;
import io.gemlab.graph.tensor.ElementType;
import io.gemlab.graph.tensor.HostTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What Hugging Face's Gemma 2 gave; src/test/resources/golden says how it was made. */
public final class Golden {
  private static final ObjectNode JSON = JsonFile.readObject(golden("golden.json"));
  private static final Map<String, Map<String, float[]>> FILES = new HashMap<>();

  private Golden() {}

  /** The configuration of a checkpoint folder, changed as an overlay says. */
  static Gemma2Config config(String folder, ObjectNode overlay) {
    try (HfCheckpoint checkpoint = HfCheckpoint.open(golden(folder))) {
      ObjectNode config = checkpoint.files().config();
      config.setAll(overlay);
      return ConfigJson.read(config, folder);
    }
  }

  public static Gemma2Config config(String folder) {
    return config(folder, new com.fasterxml.jackson.databind.ObjectMapper().createObjectNode());
  }

  /** A variant's tokens. */
  static TokenBatch batch(String variant) {
    JsonNode json = JSON.get("variants").get(variant);
    int[][] ids = rows(json.get("input_ids"));
    return json.has("attention_mask")
        ? new TokenBatch(ids, rows(json.get("attention_mask")))
        : TokenBatch.of(ids);
  }

  /** A variant's prompts without their padding. */
  public static List<int[]> prompts(String variant) {
    JsonNode json = JSON.get("variants").get(variant);
    int[][] ids = rows(json.get("prompt_ids"));
    if (!json.has("prompt_attention_mask")) return List.of(ids);
    int[][] mask = rows(json.get("prompt_attention_mask"));
    List<int[]> prompts = new ArrayList<>();
    for (int b = 0; b < ids.length; b++) {
      int padding = (int) Arrays.stream(mask[b]).filter(seen -> seen == 0).count();
      prompts.add(Arrays.copyOfRange(ids[b], padding, ids[b].length));
    }
    return prompts;
  }

  /** The tokens that follow them, chosen greedily. */
  public static List<int[]> generated(String variant) {
    return List.of(rows(JSON.get("variants").get(variant).get("gen_ids")));
  }

  /** A variant's losses: before each of three steps, and after the last. */
  static double[] losses(String variant) {
    JsonNode losses = JSON.get("variants").get(variant).get("losses");
    double[] values = new double[losses.size()];
    for (int i = 0; i < values.length; i++) values[i] = losses.get(i).asDouble();
    return values;
  }

  /** The float32 tensors of a file of the golden set. */
  static Map<String, float[]> tensors(String file) {
    return FILES.computeIfAbsent(file, Golden::readTensors);
  }

  private static Map<String, float[]> readTensors(String file) {
    Map<String, float[]> tensors = new HashMap<>();
    try (SafetensorsFile read = SafetensorsFile.open(golden(file + ".safetensors"))) {
      read.tensors()
          .forEach(
              (name, info) -> {
                if (info.type() != ElementType.F32) return;
                HostTensor tensor = HostTensor.zeros(ElementType.F32, info.shape());
                read.readFloat32(name, tensor.data());
                tensors.put(name, tensor.floats());
              });
    }
    return tensors;
  }

  private static int[][] rows(JsonNode json) {
    int[][] rows = new int[json.size()][];
    for (int b = 0; b < rows.length; b++) {
      rows[b] = new int[json.get(b).size()];
      for (int t = 0; t < rows[b].length; t++) rows[b][t] = json.get(b).get(t).asInt();
    }
    return rows;
  }
}
