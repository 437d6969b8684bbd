package io.gemlab.experiments.recipe;

import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.Precision;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.attention.SdpaAttention;
import io.gemlab.tpu.path.PjrtPath;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** What a name on the command line or in a recipe stands for. */
public final class Choices {
  /** The paths that TensorFlow runs, slowest first. */
  public static final List<ExecutionPath> PATHS =
      List.of(new EagerPath(), new GraphPath(), new ClusteredPath(), new FusedPath());

  private static final List<Attention> ATTENTIONS =
      List.of(new EagerAttention(), new SdpaAttention(), BlockwiseAttention.auto());

  /** What {@link #attention} takes. */
  public static final List<String> ATTENTION_LABELS =
      ATTENTIONS.stream().map(Attention::label).toList();

  /** What {@link #precision} takes. */
  public static final List<String> PRECISION_NAMES =
      Stream.of(Precision.values()).flatMap(one -> one.names().stream()).toList();

  private Choices() {}

  /**
   * An execution path: one of TensorFlow's, or a device's; whether there is the device shows when
   * it is loaded.
   *
   * @param label such as {@code clustered}, {@code pjrt:tpu} or {@code pjrt:} and a plugin's file
   * @throws io.gemlab.graph.base.input.InvalidInput if there is no such path
   */
  public static ExecutionPath path(String label) {
    if (PjrtPath.isLabel(label)) return new PjrtPath(label);
    List<String> known = new ArrayList<>();
    for (ExecutionPath path : PATHS) {
      if (path.label().equals(label)) return path;
      known.add(path.label());
    }
    known.addAll(PjrtPath.LABELS);
    throw NearestName.unknown("path", label, known);
  }

  /**
   * An implementation of attention; whether it can do what a model asks shows when it is traced.
   *
   * @param label {@code eager}, {@code sdpa} or {@code blockwise}, the last with a block size that
   *     it chooses by length
   * @throws io.gemlab.graph.base.input.InvalidInput if there is no such attention
   */
  public static Attention attention(String label) {
    return named("attention", label, ATTENTIONS, Attention::label);
  }

  /**
   * A precision by its name or a short one, such as {@code bf16}.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if there is no such precision
   */
  public static Precision precision(String word) {
    List<Precision> all = List.of(Precision.values());
    return all.stream()
        .filter(precision -> precision.isNamed(word))
        .findFirst()
        .orElseGet(() -> named("dtype", word, all, Precision::label));
  }

  /**
   * How the layers stand in a program.
   *
   * @param label {@code unrolled} or {@code scanned}
   * @throws io.gemlab.graph.base.input.InvalidInput if layers can't stand so
   */
  public static Depth.Layers layers(String label) {
    return named("layers", label, List.of(Depth.Layers.values()), Depth.Layers::label);
  }

  /**
   * What a gradient computes again.
   *
   * @param label {@code none} or {@code layer}
   * @throws io.gemlab.graph.base.input.InvalidInput if there is no such rematerialisation
   */
  public static Depth.Remat remat(String label) {
    return named("remat", label, List.of(Depth.Remat.values()), Depth.Remat::label);
  }

  /**
   * How a model's matrices are quantized.
   *
   * @param label {@code int8} or {@code int4}
   * @throws io.gemlab.graph.base.input.InvalidInput if there is no such quantization
   */
  public static Quantization quantization(String label) {
    return named(
        "quantize", label, List.of(Quantization.INT8, Quantization.INT4), Quantization::label);
  }

  /**
   * The one of some values that has a name.
   *
   * @param what they are called in a message
   * @throws io.gemlab.graph.base.input.InvalidInput that names the nearest where none has it
   */
  public static <E> E named(String what, String label, List<E> all, Function<E, String> name) {
    return all.stream()
        .filter(one -> name.apply(one).equals(label))
        .findFirst()
        .orElseThrow(() -> NearestName.unknown(what, label, all.stream().map(name).toList()));
  }
}
