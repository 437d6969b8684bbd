package io.gemlab.graph.gemma2;

import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/** A run of a model's layers, over whole rows. */
sealed interface LayerStack<T extends TFloating> permits UnrolledLayers, ScannedLayers {

  /** Which layers. */
  LayerRange layers();

  /**
   * Runs the layers.
   *
   * @param places where each token stands
   * @param x_MD what the first layer gets
   * @return outputs of layers, as many as are at hand; the last layer's is the last
   */
  List<Operand<T>> outputs(Ops tf, ModelTrace<T> traced, Places places, Operand<T> x_MD);

  /** Runs the layers and keeps each one's input, from which a gradient computes the rest again. */
  Kept<T> keepingInputs(Ops tf, ModelTrace<T> traced, Places places, Operand<T> x_MD);

  /**
   * Layers that were run, and their way back.
   *
   * @param y_MD the last layer's output
   */
  record Kept<T extends TFloating>(Operand<T> y_MD, Backward<T> backward) {}

  /** The vector-Jacobian product. */
  @FunctionalInterface
  interface Backward<T extends TFloating> {
    /**
     * @param dy_MD the loss's gradient with respect to the last layer's output
     */
    LayerGradients<T> of(Operand<T> dy_MD);
  }

  /**
   * What comes back from layers.
   *
   * @param dx_MD the gradient with respect to what the first of them got
   * @param weights the gradients of their trained weights, by the names of the state
   */
  record LayerGradients<T extends TFloating>(
      Operand<T> dx_MD, Map<String, Operand<? extends TFloating>> weights) {}
}
