package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.tensor.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * The model's last product before it is taken, so that whoever needs scores decides how many of
 * them exist at once.
 *
 * @param model whose head it is
 * @param traced where its weights are
 * @param normed_BTD what it gets, [B, T, D]
 */
public record Head<T extends TFloating>(
    Gemma2Model<T> model, ModelTrace<T> traced, Operand<T> normed_BTD) {

  /**
   * Scores of the whole vocabulary before the final cap, in the type computed in.
   *
   * @return [M, V]
   */
  public Operand<T> rawLogits(Ops tf) {
    return model.rawLogits(tf, traced.weights(), normed_BTD);
  }

  /**
   * The same of some positions alone, also inside a loop.
   *
   * @param state what {@link #state} is where it is built
   * @param some_BSD what the head gets of them, [B, S, D]
   * @return [B * S, V]
   */
  public Operand<T> rawLogits(Ops tf, List<Operand<?>> state, Operand<T> some_BSD) {
    Map<String, Operand<?>> named = new HashMap<>();
    for (TensorSpec spec : table().states()) named.put(spec.name(), state.get(named.size()));
    return model.rawLogits(tf, model.weights(named::get), some_BSD);
  }

  /** The state that the table of scores is stored in: itself, or its values and scales. */
  public List<Operand<?>> state() {
    return table().states().stream()
        .<Operand<?>>map(spec -> traced.tensors().get(spec.name()))
        .toList();
  }

  /** Whether the table is trained; then {@link #state} is the table alone. */
  public boolean isTrained() {
    return table().trained();
  }

  private Parameter table() {
    return traced.parameters().all().stream()
        .filter(parameter -> parameter.name().equals(WeightSpec.EMBEDDING))
        .findFirst()
        .orElseThrow();
  }
}
