package io.gemlab.experiments.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.conformance.ReferenceModel.Sight;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.StateWeight;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.types.TFloat32;

/**
 * The switches that a recipe can set in a model's config, in the model's own graph against the
 * float64 reference: logits on every path, with blockwise attention and with scanned layers, and
 * gradients.
 */
class ModelSwitchesTest {
  private static final String FORWARD = "forward";
  private static final String GRADIENTS = "gradients";
  private static final String FIVE_TO_ONE = "layer_pattern=5:1";
  private static final int LENGTH = 14;
  private static final int PADDING = 3;
  private static final Depth SCANNED = new Depth(Depth.Layers.SCANNED, Depth.Remat.LAYER);
  private static final List<ExecutionPath> PATHS =
      List.of(new EagerPath(), new GraphPath(), new ClusteredPath(), new FusedPath());

  @ParameterizedTest
  @ValueSource(
      strings = {
        "norms=pre",
        "norms=post",
        "hidden_activation=silu",
        FIVE_TO_ONE,
        "layer_pattern=all_global",
        "layer_pattern=all_sliding",
        "rope_local_base_freq=10",
        "qk_norm=true"
      })
  void logitsAreTheReferences(String change) {
    Gemma2Config config = config(change);
    Logits expected = reference(config, weights());
    if (!change.equals(FIVE_TO_ONE)) {
      double changed = expected.largestDifference(reference(config(""), weights()));
      assertTrue(changed > 0.05, () -> "the switch changes logits by only " + changed);
    }
    for (ExecutionPath path : PATHS) {
      assertAgrees(expected, config, new EagerAttention(), Depth.PLAIN, path);
    }
    Attention blockwise = new BlockwiseAttention(OptionalInt.of(4));
    assertAgrees(expected, config, blockwise, Depth.PLAIN, new GraphPath());
    assertAgrees(expected, config, new EagerAttention(), SCANNED, new GraphPath());
  }

  private static void assertAgrees(
      Logits expected, Gemma2Config config, Attention attention, Depth depth, ExecutionPath path) {
    double off = expected.largestDifference(logits(config, attention, depth, path));
    assertTrue(
        off <= 1e-4,
        () ->
            "off by %s with %s on %s, %s"
                .formatted(off, attention.label(), path.label(), depth.described()));
  }

  /**
   * The derivative along a random direction of each weight, by central differences in float64, on
   * the paths that compile least and most: all of them agree on a training step elsewhere.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "norms=pre",
        "norms=post",
        "hidden_activation=silu",
        FIVE_TO_ONE,
        "layer_pattern=all_global",
        "layer_pattern=all_sliding",
        "rope_local_base_freq=10",
        "qk_norm=true"
      })
  void gradientsAreTheReferences(String change) {
    Gemma2Config config = config(change);
    Gemma2Model<TFloat32> model = model(config, new EagerAttention(), Depth.PLAIN);
    TrainStep<TFloat32> step =
        new TrainStep<>(model, new TrainingLoss.BatchShape(2, LENGTH), new NextTokenLoss());
    List<Derivative> derivatives =
        WeightSpec.of(config).stream().map(spec -> Derivative.of(config, spec)).toList();
    for (ExecutionPath path : List.of(new GraphPath(), new FusedPath())) {
      try (Executable executable = path.load(List.of(step.traceGradients(GRADIENTS)))) {
        assign(executable, model);
        try (Results results =
            executable.run(GRADIENTS, LabelledBatch.withinRows(batch()).arguments())) {
          for (Derivative derivative : derivatives) {
            float[] gradient = results.get(derivative.weight()).floats();
            assertEquals(
                derivative.value(),
                derivative.along(gradient),
                1e-8 + 1e-3 * derivative.size(gradient),
                "%s on %s: %s".formatted(change, path.label(), derivative.weight()));
          }
        }
      }
    }
  }

  /**
   * How the reference's loss changes along a displacement of a weight.
   *
   * @param weight its name
   * @param displacement the difference of the two weights compared
   * @param value the difference of their losses
   */
  private record Derivative(String weight, double[] displacement, double value) {
    private static final double STEP = 1e-3;

    static Derivative of(Gemma2Config config, WeightSpec spec) {
      float[] before = weights().apply(spec).clone();
      float[] after = before.clone();
      double[] displacement = new double[before.length];
      Random random = new Random(spec.name().hashCode() + 1L);
      for (int i = 0; i < before.length; i++) {
        float step = (float) (STEP * random.nextGaussian());
        before[i] -= step;
        after[i] += step;
        displacement[i] = (double) after[i] - before[i];
      }
      return new Derivative(
          spec.name(),
          displacement,
          loss(config, with(spec, after)) - loss(config, with(spec, before)));
    }

    double along(float[] gradient) {
      double sum = 0;
      for (int i = 0; i < gradient.length; i++) sum += gradient[i] * displacement[i];
      return sum;
    }

    /** How large a change along the displacement could be: the product of the two lengths. */
    double size(float[] gradient) {
      double here = 0;
      double there = 0;
      for (int i = 0; i < gradient.length; i++) {
        here += (double) gradient[i] * gradient[i];
        there += displacement[i] * displacement[i];
      }
      return Math.sqrt(here * there);
    }

    private static Function<WeightSpec, float[]> with(WeightSpec changed, float[] values) {
      return spec -> spec.equals(changed) ? values : weights().apply(spec);
    }
  }

  private static Logits logits(
      Gemma2Config config, Attention attention, Depth depth, ExecutionPath path) {
    Gemma2Model<TFloat32> model = model(config, attention, depth);
    TokenBatch batch = batch();
    try (Executable executable =
        path.load(
            List.of(
                new ForwardPass<>(model, batch.rows(), batch.length())
                    .trace(FORWARD, ForwardPass.Returns.LOGITS_ONLY)))) {
      assign(executable, model);
      try (Results results = executable.run(FORWARD, batch.arguments())) {
        return Logits.atTokens(results.get(ForwardPass.LOGITS).floats(), batch);
      }
    }
  }

  private static Gemma2Model<TFloat32> model(
      Gemma2Config config, Attention attention, Depth depth) {
    return new Gemma2Model<>(config, OpChoice.of(attention), TFloat32.class, depth);
  }

  private static Logits reference(Gemma2Config config, Function<WeightSpec, float[]> weights) {
    TokenBatch batch = batch();
    return Logits.atTokens(new ReferenceModel(config, weights, Sight.MASKED).logits(batch), batch);
  }

  /** Mean cross-entropy of the next token in float64. */
  private static double loss(Gemma2Config config, Function<WeightSpec, float[]> weights) {
    ReferenceModel model = new ReferenceModel(config, weights, Sight.MASKED);
    TokenBatch batch = batch();
    List<Double> losses = new ArrayList<>();
    for (int b = 0; b < batch.rows(); b++) {
      double[][] logits_TV = model.logits(batch.inputIds()[b], batch.attentionMask()[b]);
      for (int t = b == 0 ? 0 : PADDING; t + 1 < LENGTH; t++) {
        double sum = 0;
        for (double logit : logits_TV[t]) sum += Math.exp(logit);
        losses.add(Math.log(sum) - logits_TV[t][batch.inputIds()[b][t + 1]]);
      }
    }
    return losses.stream().mapToDouble(loss -> loss).average().orElseThrow();
  }

  /** Two rows longer than the window, the second padded on its left. */
  private static TokenBatch batch() {
    Random random = new Random(1);
    int[][] ids = new int[2][LENGTH];
    int[][] mask = new int[2][LENGTH];
    for (int b = 0; b < 2; b++) {
      for (int t = b * PADDING; t < LENGTH; t++) {
        ids[b][t] = random.nextInt(3, 40);
        mask[b][t] = 1;
      }
    }
    return new TokenBatch(ids, mask);
  }

  /**
   * @param change {@code key=value}, or empty for Gemma 2 as published
   */
  private static Gemma2Config config(String change) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("vocab_size", 40)
        .put("hidden_size", 16)
        .put("intermediate_size", 24)
        .put("num_hidden_layers", change.equals(FIVE_TO_ONE) ? 6 : 2)
        .put("num_attention_heads", 2)
        .put("num_key_value_heads", 1)
        .put("head_dim", 8)
        .put("sliding_window", 4)
        .put("query_pre_attn_scalar", 8)
        .put("attn_logit_softcapping", 5.0)
        .put("final_logit_softcapping", 10.0)
        .put("rope_theta", 10000.0)
        .put("rms_norm_eps", 1e-6)
        .put("max_position_embeddings", 64)
        .put("hidden_activation", "gelu_pytorch_tanh");
    if (!change.isEmpty()) {
      String[] parts = change.split("=");
      if (parts[1].equals("true")) json.put(parts[0], true);
      else if (parts[1].equals("10")) json.put(parts[0], 10);
      else json.put(parts[0], parts[1]);
    }
    return ConfigJson.read(json, change);
  }

  /** Values of a weight by its name alone: matrices around 0, norms around 1. */
  private static Function<WeightSpec, float[]> weights() {
    return spec -> {
      Random random = new Random(spec.name().hashCode());
      float[] values = new float[Math.toIntExact(spec.shape().elements())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextGaussian() * (spec.isNorm() ? 0.2 : 0.25));
      }
      return values;
    };
  }

  private static void assign(Executable executable, Gemma2Model<?> model) {
    for (StateWeight state : model.weights()) {
      FloatBuffer values = FloatBuffer.allocate(Math.toIntExact(state.shape().elements()));
      state.weights().forEach(spec -> values.put(weights().apply(spec)));
      executable.assign(state.name(), HostTensor.of(values.array(), state.shape().toArray()));
    }
  }
}
