package io.gemlab.graph.gemma2;

import static io.gemlab.graph.TestFiles.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.EagerAttention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.tensorflow.types.TFloat32;

/**
 * What Hugging Face's Gemma 2 and Gemma 3 gave; golden.json and gemma3.json in
 * src/test/resources/golden say how.
 */
public final class Golden {
  /** Every path of this module. */
  public static final List<ExecutionPath> PATHS =
      List.of(new EagerPath(), new GraphPath(), new ClusteredPath(), new FusedPath());

  /** Of Gemma 2, and of a tiny gemma3_text, variant G. */
  private static final List<ObjectNode> SETS =
      List.of(
          JsonFile.readObject(golden("golden.json")), JsonFile.readObject(golden("gemma3.json")));

  private static final Map<String, Map<String, float[]>> FILES = new HashMap<>();

  private Golden() {}

  /** The configuration of a checkpoint folder. */
  public static Gemma2Config config(String folder) {
    return config(folder, json -> {});
  }

  /** The same, changed. */
  static Gemma2Config config(String folder, Consumer<ObjectNode> change) {
    try (HfCheckpoint checkpoint = HfCheckpoint.open(golden(folder))) {
      ObjectNode config = checkpoint.files().config();
      change.accept(config);
      return ConfigJson.read(config, folder);
    }
  }

  /** A variant's tokens. */
  static TokenBatch batch(String variant) {
    JsonNode json = variant(variant);
    int[][] ids = rows(json.get("input_ids"));
    return json.has("attention_mask")
        ? new TokenBatch(ids, rows(json.get("attention_mask")))
        : TokenBatch.of(ids);
  }

  /** The arguments of a training step on a variant's tokens. */
  static Map<String, HostTensor> labelled(String variant) {
    return LabelledBatch.withinRows(batch(variant)).arguments();
  }

  /** A folder's model in float32, with eager attention. */
  static Gemma2Model<TFloat32> model(String folder) {
    return new Gemma2Model<>(config(folder), OpChoice.of(new EagerAttention()), TFloat32.class);
  }

  /** Assigns the weights of a checkpoint folder, in float32. */
  public static void loadWeights(String folder, Executable executable) {
    loadWeights(folder, model(folder), executable);
  }

  /** Assigns them as a model keeps them. */
  public static void loadWeights(String folder, Gemma2Model<?> model, Executable executable) {
    try (HfCheckpoint checkpoint = HfCheckpoint.open(golden(folder))) {
      ModelWeights.load(checkpoint, model, executable, ElementType.F32);
    }
  }

  /** A variant's prompts without their padding. */
  public static List<int[]> prompts(String variant) {
    JsonNode json = variant(variant);
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
    return List.of(rows(variant(variant).get("gen_ids")));
  }

  /** The rows that bfloat16 arithmetic was measured on. */
  static TokenBatch bfloat16Batch() {
    return TokenBatch.of(rows(bfloat16().get("input_ids")));
  }

  /** How far Hugging Face's bfloat16 arithmetic is from its float32 there, of variant G's model. */
  static Distance bfloat16Distance() {
    return new Distance(
        bfloat16().get("agreement").asDouble(), bfloat16().get("mean_kl").asDouble());
  }

  private static JsonNode bfloat16() {
    return SETS.getLast().get("bfloat16");
  }

  /** A variant's losses: before each of three steps, and after the last. */
  static double[] losses(String variant) {
    return numbers(variant, "losses");
  }

  /** A variant's global gradient norm at each of three steps. */
  static double[] gradientNorms(String variant) {
    return numbers(variant, "grad_norms");
  }

  private static double[] numbers(String variant, String field) {
    JsonNode list = variant(variant).get(field);
    double[] numbers = new double[list.size()];
    for (int i = 0; i < numbers.length; i++) numbers[i] = list.get(i).asDouble();
    return numbers;
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

  private static JsonNode variant(String name) {
    return SETS.stream()
        .map(set -> set.get("variants"))
        .filter(variants -> variants.has(name))
        .findFirst()
        .orElseThrow()
        .get(name);
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
