package io.gemlab.graph.gemma2;

import io.gemlab.graph.gemma2.LayerStack.Backward;
import io.gemlab.graph.gemma2.LayerStack.Kept;
import io.gemlab.graph.gemma2.LayerStack.LayerGradients;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * All of a model's layers, cut where training begins and ends.
 *
 * @param segments from the bottom up
 */
record LayerSegments<T extends TFloating>(List<LayerStack<T>> segments) {

  /** Runs the layers; answers the outputs that are at hand, the last layer's last. */
  List<Operand<T>> outputs(Ops tf, ModelTrace<T> traced, Places places, Operand<T> x_MD) {
    List<Operand<T>> outputs = new ArrayList<>();
    Operand<T> x = x_MD;
    for (LayerStack<T> segment : segments) {
      outputs.addAll(segment.outputs(tf, traced, places, x));
      x = outputs.getLast();
    }
    return outputs;
  }

  /**
   * Runs the layers and keeps the inputs of those that a gradient goes back through. Below the
   * lowest trained weight nothing is kept and nothing computed again.
   */
  Kept<T> keepingInputs(Ops tf, ModelTrace<T> traced, Places places, Operand<T> x_MD) {
    Deque<Backward<T>> back = new ArrayDeque<>();
    Operand<T> x = x_MD;
    for (LayerStack<T> segment : segments) {
      if (traced.parameters().takeGradients(segment.layers())) {
        Kept<T> kept = segment.keepingInputs(tf, traced, places, x);
        back.push(kept.backward());
        x = kept.y_MD();
      } else {
        x = segment.outputs(tf, traced, places, x).getLast();
      }
    }
    return new Kept<>(x, dy_MD -> gradients(back, dy_MD));
  }

  private static <T extends TFloating> LayerGradients<T> gradients(
      Deque<Backward<T>> back, Operand<T> dy_MD) {
    Map<String, Operand<? extends TFloating>> weights = new LinkedHashMap<>();
    Operand<T> dy = dy_MD;
    for (Backward<T> segment : back) {
      LayerGradients<T> gradients = segment.of(dy);
      weights.putAll(gradients.weights());
      dy = gradients.dx_MD();
    }
    return new LayerGradients<>(dy, weights);
  }
}
