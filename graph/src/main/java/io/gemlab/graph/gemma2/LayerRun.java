package io.gemlab.graph.gemma2;

import io.gemlab.graph.gemma2.LayerStack.LayerGradients;
import io.gemlab.ops.Ordering;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.family.TFloating;

/**
 * The model's first layers one after the other, forward and back.
 *
 * @param model whose they are
 * @param layers how many
 */
record LayerRun<T extends TFloating>(Gemma2Model<T> model, int layers) {

  /** Each layer's output, [M, D]. */
  List<Operand<T>> outputs(
      Ops tf, Weights weights, Gemma2DecoderLayer.Context context, Operand<T> x_MD) {
    List<Operand<T>> outputs = new ArrayList<>();
    Operand<T> x = x_MD;
    for (int layer = 0; layer < layers; layer++) {
      x = model.layer(layer).apply(tf, weights, context, x);
      outputs.add(x);
    }
    return outputs;
  }

  /**
   * The vector-Jacobian product, each layer computed again from its input, and not before the
   * gradient has come back to it.
   *
   * @param weights the weights, given the gradient that a layer must not be computed before
   * @param inputs_MD each layer's input
   * @param dy_MD the gradient with respect to the last one's output
   */
  LayerGradients<T> backward(
      Ops tf,
      Function<Operand<T>, Weights> weights,
      Gemma2DecoderLayer.Context context,
      List<Operand<T>> inputs_MD,
      Operand<T> dy_MD) {
    Map<String, Operand<? extends TFloating>> gradients = new LinkedHashMap<>();
    Operand<T> dy = dy_MD;
    for (int layer = layers - 1; layer >= 0; layer--) {
      Operand<T> x = Ordering.after(tf, inputs_MD.get(layer), inputs_MD.get(layer).shape(), dy);
      Map<String, Operand<? extends TFloating>> used = new LinkedHashMap<>();
      Weights now = weights.apply(dy);
      Operand<T> y =
          model.layer(layer).apply(tf, name -> used.computeIfAbsent(name, now::get), context, x);
      List<Operand<?>> inputs = new ArrayList<>();
      inputs.add(x);
      inputs.addAll(used.values());
      Iterator<Operand<?>> found =
          tf.gradients(List.of(y), inputs, Gradients.dx(List.of(dy))).iterator();
      dy = found.next().asOutput().expect(model.type());
      used.forEach(
          (name, weight) -> gradients.put(name, found.next().asOutput().expect(weight.type())));
    }
    return new LayerGradients<>(dy, gradients);
  }
}
