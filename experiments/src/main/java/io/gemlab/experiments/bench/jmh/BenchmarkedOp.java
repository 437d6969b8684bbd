package io.gemlab.experiments.bench.jmh;

import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.AttentionMask;
import io.gemlab.ops.attention.AttentionSpec;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.attention.QkNorm;
import io.gemlab.ops.attention.SdpaAttention;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.loss.CrossEntropy;
import io.gemlab.ops.norm.RmsNorm;
import io.gemlab.ops.position.RotaryEmbedding;
import java.util.List;
import java.util.Locale;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;

/** An op of the model by itself, with the shapes that it has there. */
public enum BenchmarkedOp {
  /** Over the residual stream, [M, D]. */
  RMS_NORM {
    @Override
    <T extends TFloating> List<Operand<? extends TFloating>> build(OpInputs<T> in) {
      long hidden = in.sizes().config().hiddenSize();
      return List.of(
          RmsNorm.apply(
              in.tf(),
              in.value("x", in.sizes().positions(), hidden),
              in.value("weight", hidden),
              (float) in.sizes().config().rmsNormEps()));
    }
  },

  /** Of the queries, [B, T, N, H], tables included. */
  ROTARY_EMBEDDING {
    @Override
    <T extends TFloating> List<Operand<? extends TFloating>> build(OpInputs<T> in) {
      RotaryEmbedding rotary =
          RotaryEmbedding.of(
              in.tf(), in.positions(), in.sizes().config().headDim(), in.sizes().config().rope(0));
      return List.of(
          rotary.rotate(in.tf(), heads(in, "q", in.sizes().config().numAttentionHeads())));
    }
  },

  /** The MLP's gate, [M, F]. */
  GEGLU {
    @Override
    <T extends TFloating> List<Operand<? extends TFloating>> build(OpInputs<T> in) {
      long[] shape = {in.sizes().positions(), in.sizes().config().intermediateSize()};
      return List.of(
          in.sizes()
              .config()
              .hiddenActivation()
              .apply(in.tf(), in.value("gate", shape), in.value("up", shape)));
    }
  },

  /** On attention scores, float32 [B, N, T, T]; the model's cap, or 50 where it has none. */
  SOFTCAP {
    @Override
    <T extends TFloating> List<Operand<? extends TFloating>> build(OpInputs<T> in) {
      Softcap own = in.sizes().config().attnLogitSoftcapping();
      Softcap cap = own.cap().isPresent() ? own : Softcap.of(50);
      int length = in.sizes().length();
      return List.of(
          cap.apply(
              in.tf(),
              in.wide(
                  "scores",
                  in.sizes().batch(),
                  in.sizes().config().numAttentionHeads(),
                  length,
                  length)));
    }
  },

  /** Of queries, [B, T, N, H], and keys, [B, T, K, H]. */
  QK_NORM {
    @Override
    <T extends TFloating> List<Operand<? extends TFloating>> build(OpInputs<T> in) {
      long headDim = in.sizes().config().headDim();
      QkNorm norm =
          new QkNorm(
              in.value("q_norm", headDim),
              in.value("k_norm", headDim),
              (float) in.sizes().config().rmsNormEps());
      return List.of(
          norm.queries(in.tf(), heads(in, "q", in.sizes().config().numAttentionHeads())),
          norm.keys(in.tf(), heads(in, "k", in.sizes().config().numKeyValueHeads())));
    }
  },

  /** From raw logits, [M, V], with the model's final cap inside. */
  CROSS_ENTROPY {
    @Override
    <T extends TFloating> List<Operand<? extends TFloating>> build(OpInputs<T> in) {
      return List.of(
          CrossEntropy.apply(
              in.tf(),
              in.value("logits", in.sizes().positions(), in.sizes().config().vocabSize()),
              in.labels(),
              in.sizes().config().finalLogitSoftcapping()));
    }
  },

  /** The reference, over everything before each token. */
  EAGER_ATTENTION {
    @Override
    <T extends TFloating> List<Operand<? extends TFloating>> build(OpInputs<T> in) {
      return attend(in, new EagerAttention(), in.sizes().globalAttention());
    }
  },

  /** What fused kernels compute: the same without the cap. */
  SDPA_ATTENTION {
    @Override
    <T extends TFloating> List<Operand<? extends TFloating>> build(OpInputs<T> in) {
      return attend(in, new SdpaAttention(), in.sizes().globalAttention().withoutSoftcap());
    }
  },

  /** Blocks of keys, the cap inside. */
  BLOCKWISE_ATTENTION {
    @Override
    <T extends TFloating> List<Operand<? extends TFloating>> build(OpInputs<T> in) {
      return attend(in, BlockwiseAttention.auto(), in.sizes().globalAttention());
    }
  };

  /** Builds the op on inputs of its own. */
  abstract <T extends TFloating> List<Operand<? extends TFloating>> build(OpInputs<T> in);

  /** The name on the command line and in reports. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static <T extends TFloating> Operand<T> heads(OpInputs<T> in, String name, int heads) {
    return in.value(
        name, in.sizes().batch(), in.sizes().length(), heads, in.sizes().config().headDim());
  }

  private static <T extends TFloating> List<Operand<? extends TFloating>> attend(
      OpInputs<T> in, Attention attention, AttentionSpec spec) {
    return List.of(
        attention.attend(
            in.tf(),
            spec,
            AttentionMask.of(in.positions()),
            heads(in, "q", spec.heads()),
            heads(in, "k", spec.kvHeads()),
            heads(in, "v", spec.kvHeads())));
  }
}
