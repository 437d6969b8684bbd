package io.gemlab.tpu.mesh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A decoder layer, the head and the loss in float64: once whole, once as a plan cuts them. */
class ShardedLayerTest {
  private static final int ROWS = 4;
  private static final int LENGTH = 5;
  private static final Gemma2Config CONFIG = config();

  private final Random random = new Random(7);
  private final Map<String, double[][]> weights = new HashMap<>();
  private final double[][] x = matrix(ROWS * LENGTH, CONFIG.hiddenSize());
  private final int[] labels = random.ints(ROWS * LENGTH, 0, CONFIG.vocabSize()).toArray();

  ShardedLayerTest() {
    for (WeightSpec weight : WeightSpec.of(CONFIG)) {
      List<Long> shape = weight.shape().dimensions();
      int rows = weight.isNorm() ? 1 : Math.toIntExact(shape.getFirst());
      weights.put(weight.name(), matrix(rows, Math.toIntExact(shape.getLast())));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model=2",
        "fsdp=2",
        "fsdp=4",
        "data=2,model=2",
        "fsdp=2,model=2",
        "data=2,fsdp=2,model=2"
      })
  void piecesTogetherAreTheWhole(String text) {
    Float64Layer whole =
        new Float64Layer(
            weights::get,
            CONFIG.numAttentionHeads(),
            CONFIG.numKeyValueHeads(),
            CONFIG.headDim(),
            LENGTH);
    UnaryOperator<double[][]> alone = UnaryOperator.identity();
    double[][] expected = whole.mlp(whole.attention(x, alone), alone);
    double[] expectedLosses = losses(expected);

    Mesh mesh = Mesh.parse(text);
    ShardingPlan plan = ShardingPlan.of(CONFIG, mesh, OptionalInt.of(ROWS), mesh.devices());
    EmulatedDevices devices = new EmulatedDevices(CONFIG, plan, weights, ROWS, LENGTH);
    double[][][] outputs = devices.layer(x);
    double[][] losses = devices.losses(outputs, labels);
    for (int device = 0; device < mesh.devices(); device++) {
      assertEquals(ROWS * LENGTH / (mesh.data() * mesh.fsdp()), outputs[device].length);
      int first = devices.firstRow(device) * LENGTH;
      for (int i = 0; i < outputs[device].length; i++) {
        assertArrayEquals(expected[first + i], outputs[device][i], 1e-11);
        assertEquals(expectedLosses[first + i], losses[device][i], 1e-11);
      }
    }
  }

  private double[] losses(double[][] outputs) {
    double[][] logits = Float64Layer.timesTransposed(outputs, weights.get(WeightSpec.EMBEDDING));
    double[] losses = new double[logits.length];
    for (int i = 0; i < losses.length; i++) {
      double all = DoubleStream.of(logits[i]).map(Math::exp).sum();
      losses[i] = Math.log(all) - logits[i][labels[i]];
    }
    return losses;
  }

  private static Gemma2Config config() {
    ObjectNode json = Gemma2Presets.json("tiny");
    json.put("vocab_size", 10).put("hidden_size", 12).put("intermediate_size", 6);
    json.put("num_hidden_layers", 1).put("num_attention_heads", 4).put("num_key_value_heads", 2);
    json.put("head_dim", 2);
    return ConfigJson.read(json, "small");
  }

  private double[][] matrix(int rows, int columns) {
    double[][] matrix = new double[rows][columns];
    for (double[] row : matrix) {
      for (int j = 0; j < columns; j++) row[j] = random.nextGaussian();
    }
    return matrix;
  }
}
