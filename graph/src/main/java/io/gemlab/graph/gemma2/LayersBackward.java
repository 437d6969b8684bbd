package io.gemlab.graph.gemma2;

import io.gemlab.graph.gemma2.LayerStack.LayerGradients;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.ops.OrderingBarrier;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.family.TFloating;

/**
 * Layers of the model back, the last one first.
 *
 * @param model whose they are
 * @param layers which
 */
record LayersBackward<T extends TFloating>(Gemma2Model<T> model, LayerRange layers) {

  /**
   * The vector-Jacobian product, each layer computed again from its input, and not before the
   * gradient has come back to it.
   *
   * @param tensors the state, given the gradient that a layer must not be computed before
   * @param trained the weights that gradients are asked of
   * @param inputs_MD each layer's input
   * @param dy_MD the gradient with respect to the last one's output
   */
  LayerGradients<T> of(
      Ops tf,
      Function<Operand<T>, StateTensors> tensors,
      Set<String> trained,
      Gemma2DecoderLayer.Context context,
      List<Operand<T>> inputs_MD,
      Operand<T> dy_MD) {
    Map<String, Operand<? extends TFloating>> gradients = new LinkedHashMap<>();
    Operand<T> dy = dy_MD;
    for (int layer = layers.end() - 1; layer >= layers.first(); layer--) {
      Operand<T> input_MD = inputs_MD.get(layer - layers.first());
      Operand<T> x = OrderingBarrier.after(tf, input_MD, input_MD.shape(), dy);
      Map<String, Operand<?>> used = new LinkedHashMap<>();
      StateTensors now = tensors.apply(dy);
      Weights weights = model.weights(name -> used.computeIfAbsent(name, now::get));
      Operand<T> y = model.layer(layer).apply(tf, weights, context, x);
      used.keySet().retainAll(trained);
      List<Operand<?>> inputs = new ArrayList<>();
      inputs.add(x);
      inputs.addAll(used.values());
      Iterator<Operand<?>> found =
          tf.gradients(List.of(y), inputs, Gradients.dx(List.of(dy))).iterator();
      dy = found.next().asOutput().expect(model.type());
      used.keySet().forEach(name -> gradients.put(name, Tensors.floating(found.next())));
    }
    return new LayerGradients<>(dy, gradients);
  }
}
