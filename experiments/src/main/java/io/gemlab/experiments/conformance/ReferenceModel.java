package io.gemlab.experiments.conformance;

import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.gemma2.LayerWeight;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.LayerType;
import io.gemlab.graph.gemma2.config.NormPlacement;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.position.Rope;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Gemma 2 in float64 and plain Java, as slow and as plain as can be: what the vectors call right.
 * It shares no arithmetic with the graph, and knows the switches of {@link Gemma2Config} too: layer
 * types, rotary embeddings, placement of norms, QK-norm, the MLP's gate and caps.
 *
 * <p>Letters: T tokens of a row, D hidden, Q = heads * head_dim, V vocabulary.
 */
final class ReferenceModel {
  /** What an attention lets a query see. */
  enum Sight {
    /** Itself and what is before it, within the window, without padding. */
    MASKED,
    /** All of the row. */
    EVERYTHING
  }

  private final Gemma2Config config;
  private final Sight sight;
  private final Map<String, float[]> weights = new HashMap<>();

  ReferenceModel(Gemma2Config config, Function<WeightSpec, float[]> weights, Sight sight) {
    this.config = config;
    this.sight = sight;
    WeightSpec.of(config).forEach(spec -> this.weights.put(spec.name(), weights.apply(spec)));
  }

  /** The logits, [B][T][V], rounded to float32; without meaning where a token is padding. */
  float[] logits(TokenBatch batch) {
    FloatBuffer logits = FloatBuffer.allocate(batch.rows() * batch.length() * config.vocabSize());
    for (int b = 0; b < batch.rows(); b++) {
      for (double[] logits_V : logits(batch.inputIds()[b], batch.attentionMask()[b])) {
        for (double logit : logits_V) logits.put((float) logit);
      }
    }
    return logits.array();
  }

  /** The logits of one row, [T][V]; without meaning where a token is padding. */
  double[][] logits(int[] ids, int[] mask) {
    float[] embedding_VD = weights.get(WeightSpec.EMBEDDING);
    int hidden = config.hiddenSize();
    double[][] x_TD = new double[ids.length][hidden];
    for (int t = 0; t < ids.length; t++) {
      for (int d = 0; d < hidden; d++) {
        x_TD[t][d] = embedding_VD[ids[t] * hidden + d] * Math.sqrt(hidden);
      }
    }
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      double[][] attended_TD =
          attention(layer, normBefore(x_TD, LayerWeight.INPUT_LAYERNORM.in(layer)), mask);
      add(x_TD, normAfter(attended_TD, LayerWeight.POST_ATTENTION_LAYERNORM.in(layer)));
      double[][] gated_TD =
          mlp(layer, normBefore(x_TD, LayerWeight.PRE_FEEDFORWARD_LAYERNORM.in(layer)));
      add(x_TD, normAfter(gated_TD, LayerWeight.POST_FEEDFORWARD_LAYERNORM.in(layer)));
    }
    double[][] logits_TV = project(norm(x_TD, WeightSpec.FINAL_NORM), WeightSpec.EMBEDDING);
    for (double[] logits_V : logits_TV) {
      for (int v = 0; v < logits_V.length; v++) {
        logits_V[v] = capped(logits_V[v], config.finalLogitSoftcapping());
      }
    }
    return logits_TV;
  }

  private double[][] attention(int layer, double[][] x_TD, int[] mask) {
    double[][] q_TQ = project(x_TD, LayerWeight.Q_PROJ.in(layer));
    double[][] k_TK = project(x_TD, LayerWeight.K_PROJ.in(layer));
    if (config.qkNorm()) {
      q_TQ = norm(q_TQ, LayerWeight.Q_NORM.in(layer));
      k_TK = norm(k_TK, LayerWeight.K_NORM.in(layer));
    }
    q_TQ = rotated(q_TQ, config.rope(layer));
    k_TK = rotated(k_TK, config.rope(layer));
    double[][] v_TK = project(x_TD, LayerWeight.V_PROJ.in(layer));
    int headDim = config.headDim();
    int group = config.numAttentionHeads() / config.numKeyValueHeads();
    double[][] out_TQ = new double[x_TD.length][config.numAttentionHeads() * headDim];
    for (int t = 0; t < x_TD.length; t++) {
      for (int head = 0; head < config.numAttentionHeads(); head++) {
        int kv = head / group * headDim;
        double[] weight_S = new double[x_TD.length];
        double sum = 0;
        double largest = Double.NEGATIVE_INFINITY;
        for (int s = 0; s < weight_S.length; s++) {
          weight_S[s] = Double.NEGATIVE_INFINITY;
          if (!sees(layer, t, s, mask)) continue;
          double dot = 0;
          for (int h = 0; h < headDim; h++) dot += q_TQ[t][head * headDim + h] * k_TK[s][kv + h];
          double score = dot / Math.sqrt(config.queryPreAttnScalar());
          weight_S[s] = capped(score, config.attnLogitSoftcapping());
          largest = Math.max(largest, weight_S[s]);
        }
        if (largest == Double.NEGATIVE_INFINITY) continue; // padding, which sees nothing
        for (int s = 0; s < weight_S.length; s++) {
          weight_S[s] = Math.exp(weight_S[s] - largest);
          sum += weight_S[s];
        }
        for (int s = 0; s < weight_S.length; s++) {
          for (int h = 0; h < headDim; h++) {
            out_TQ[t][head * headDim + h] += weight_S[s] / sum * v_TK[s][kv + h];
          }
        }
      }
    }
    return project(out_TQ, LayerWeight.O_PROJ.in(layer));
  }

  private boolean sees(int layer, int query, int key, int[] mask) {
    if (sight == Sight.EVERYTHING) return true;
    boolean sliding = config.layerTypes().get(layer) == LayerType.SLIDING_ATTENTION;
    boolean near = !sliding || query - key < config.slidingWindow();
    return key <= query && near && mask[key] != 0 && mask[query] != 0;
  }

  /** Rotary embedding, the two halves of a head being each other's partners. */
  private double[][] rotated(double[][] x_TQ, Rope rope) {
    int headDim = config.headDim();
    int half = headDim / 2;
    double[][] out_TQ = new double[x_TQ.length][x_TQ[0].length];
    for (int t = 0; t < x_TQ.length; t++) {
      for (int i = 0; i < x_TQ[t].length; i++) {
        int h = i % headDim;
        double angle = t / rope.factor() * Math.pow(rope.theta(), -2.0 * (h % half) / headDim);
        double partner = h < half ? -x_TQ[t][i + half] : x_TQ[t][i - half];
        out_TQ[t][i] = x_TQ[t][i] * Math.cos(angle) + partner * Math.sin(angle);
      }
    }
    return out_TQ;
  }

  private double[][] mlp(int layer, double[][] x_TD) {
    double[][] gate_TF = project(x_TD, LayerWeight.GATE_PROJ.in(layer));
    double[][] up_TF = project(x_TD, LayerWeight.UP_PROJ.in(layer));
    for (int t = 0; t < gate_TF.length; t++) {
      for (int f = 0; f < gate_TF[t].length; f++) {
        gate_TF[t][f] = activated(gate_TF[t][f]) * up_TF[t][f];
      }
    }
    return project(gate_TF, LayerWeight.DOWN_PROJ.in(layer));
  }

  private double activated(double x) {
    return switch (config.hiddenActivation()) {
      case GEGLU -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case SWIGLU -> x / (1 + Math.exp(-x));
    };
  }

  private static double capped(double x, Softcap softcap) {
    if (softcap.cap().isEmpty()) return x;
    double cap = softcap.cap().getAsDouble();
    return cap * Math.tanh(x / cap);
  }

  private double[][] normBefore(double[][] x_TD, String name) {
    return config.norms() == NormPlacement.POST ? x_TD : norm(x_TD, name);
  }

  private double[][] normAfter(double[][] x_TD, String name) {
    return config.norms() == NormPlacement.PRE ? x_TD : norm(x_TD, name);
  }

  /** Every run of as many numbers as the weight has is normalised by itself: a row, or a head. */
  private double[][] norm(double[][] x, String name) {
    float[] weight = weights.get(name);
    double[][] out = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int first = 0; first < x[t].length; first += weight.length) {
        double squares = 0;
        for (int i = 0; i < weight.length; i++) squares += x[t][first + i] * x[t][first + i];
        double scale = 1 / Math.sqrt(squares / weight.length + config.rmsNormEps());
        for (int i = 0; i < weight.length; i++) {
          out[t][first + i] = x[t][first + i] * scale * (1 + weight[i]);
        }
      }
    }
    return out;
  }

  /** {@code x W^T}, with W stored [out, in]. */
  private double[][] project(double[][] x, String name) {
    float[] weight = weights.get(name);
    int in = x[0].length;
    double[][] out = new double[x.length][weight.length / in];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < out[t].length; o++) {
        for (int i = 0; i < in; i++) out[t][o] += x[t][i] * weight[o * in + i];
      }
    }
    return out;
  }

  private static void add(double[][] x_TD, double[][] more_TD) {
    for (int t = 0; t < x_TD.length; t++) {
      for (int d = 0; d < x_TD[t].length; d++) x_TD[t][d] += more_TD[t][d];
    }
  }
}
