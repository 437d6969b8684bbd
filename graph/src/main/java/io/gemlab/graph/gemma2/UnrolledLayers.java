package io.gemlab.graph.gemma2;

import io.gemlab.ops.OrderingBarrier;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/** Every layer by itself in the program. */
record UnrolledLayers<T extends TFloating>(Gemma2Model<T> model, LayerRange layers)
    implements LayerStack<T> {

  @Override
  public List<Operand<T>> outputs(Ops tf, ModelTrace<T> traced, Places places, Operand<T> x_MD) {
    return model.layers(tf, traced.weights(), layers, model.context(tf, places), x_MD);
  }

  @Override
  public Kept<T> keepingInputs(Ops tf, ModelTrace<T> traced, Places places, Operand<T> x_MD) {
    Gemma2DecoderLayer.Context context = model.context(tf, places);
    List<Operand<T>> outputs = model.layers(tf, traced.weights(), layers, context, x_MD);
    List<Operand<T>> inputs = new ArrayList<>(outputs);
    inputs.addFirst(x_MD);
    inputs.removeLast();
    return new Kept<>(
        outputs.getLast(),
        dy_MD ->
            new LayersBackward<>(model, layers)
                .of(
                    tf,
                    dy -> name -> later(tf, traced.tensors().get(name), dy),
                    traced.parameters().trainedIn(layers),
                    context,
                    inputs,
                    dy_MD));
  }

  /** Or the weights' casts of the forward pass would be kept for the backward one. */
  private static <W extends TType> Operand<W> later(Ops tf, Operand<W> tensor, Operand<?> earlier) {
    return OrderingBarrier.after(tf, tensor, tensor.shape(), earlier);
  }
}
