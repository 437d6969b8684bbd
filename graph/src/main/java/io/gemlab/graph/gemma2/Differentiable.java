package io.gemlab.graph.gemma2;

import io.gemlab.graph.runtime.Tensors;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * A model that was run, and the way back from a loss to its weights.
 *
 * @param hidden what it gave
 * @param gradients the gradients of a scalar loss made of {@code hidden} with respect to the
 *     trained weights, by the names of the state
 */
public record Differentiable<T extends TFloating>(
    Gemma2Model.Hidden<T> hidden,
    Function<Operand<TFloat32>, Map<String, Operand<? extends TFloating>>> gradients) {

  /** Gradients of the whole at once, which keep all they need. */
  static <T extends TFloating> Differentiable<T> keepingAll(
      ModelTrace<T> traced, Gemma2Model.Hidden<T> hidden) {
    List<String> names = names(traced.parameters().trained());
    return new Differentiable<>(
        hidden,
        loss -> {
          Ops tf = traced.trace().ops();
          return named(names, tf.gradients(loss, operands(traced, names)).iterator());
        });
  }

  /**
   * Gradients from the loss to the top of the layers, through the layers as {@code layers} has it,
   * and from their bottom to the embedding.
   *
   * @param bottom_MD what was embedded
   * @param top_MD what the last layer gave, cut off from what it was made of
   */
  static <T extends TFloating> Differentiable<T> inPieces(
      ModelTrace<T> traced,
      Operand<T> bottom_MD,
      LayerStack.Backward<T> layers,
      Operand<T> top_MD,
      Gemma2Model.Hidden<T> hidden) {
    return new Differentiable<>(
        hidden,
        loss -> {
          Ops tf = traced.trace().ops();
          List<String> names = names(traced.parameters().trainedOutsideLayers());
          List<Operand<?>> inputs = new ArrayList<>(operands(traced, names));
          inputs.addFirst(top_MD);
          Iterator<Operand<?>> above = tf.gradients(loss, inputs).iterator();
          LayerStack.LayerGradients<T> below =
              layers.of(above.next().asOutput().expect(top_MD.type()));
          Map<String, Operand<? extends TFloating>> gradients = named(names, above);
          gradients.computeIfPresent(
              WeightSpec.EMBEDDING,
              (embedding, asHead) -> sum(tf, asHead, ofLookup(traced, bottom_MD, below.dx_MD())));
          gradients.putAll(below.weights());
          return gradients;
        });
  }

  /** The gradient of the embedding as the table that tokens are looked up in. */
  private static <T extends TFloating> Operand<?> ofLookup(
      ModelTrace<T> traced, Operand<T> bottom_MD, Operand<T> dx_MD) {
    return traced
        .trace()
        .ops()
        .gradients(
            List.of(bottom_MD),
            operands(traced, List.of(WeightSpec.EMBEDDING)),
            Gradients.dx(List.of(dx_MD)))
        .iterator()
        .next();
  }

  private static <W extends TFloating> Operand<W> sum(Ops tf, Operand<W> one, Operand<?> other) {
    return tf.math.add(one, other.asOutput().expect(one.type()));
  }

  private static List<String> names(List<Parameter> parameters) {
    return parameters.stream().map(Parameter::name).toList();
  }

  private static List<Operand<?>> operands(ModelTrace<?> traced, List<String> names) {
    return names.stream().<Operand<?>>map(traced.tensors()::get).toList();
  }

  private static Map<String, Operand<? extends TFloating>> named(
      List<String> names, Iterator<Operand<?>> gradients) {
    Map<String, Operand<? extends TFloating>> named = new LinkedHashMap<>();
    for (String name : names) named.put(name, Tensors.floating(gradients.next()));
    return named;
  }
}
