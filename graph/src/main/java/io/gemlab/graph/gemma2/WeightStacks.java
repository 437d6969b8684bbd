package io.gemlab.graph.gemma2;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * The layers' stacked weights in a trace, in one order.
 *
 * @param states names, shapes and layers of the stacks: every weight that layers have
 * @param values the stacks themselves, in the order of {@code states}, each [L / P, ...] for L
 *     layers with a period of P
 */
record WeightStacks<W extends TFloating>(List<StateWeight> states, List<Operand<W>> values) {

  /** Those that a trace has declared. */
  static WeightStacks<? extends TFloating> of(Gemma2Model<?> model, Weights weights) {
    List<StateWeight> states =
        model.weights().stream().filter(state -> state.first().layer().isPresent()).toList();
    return of(states, weights, weights.get(states.getFirst().name()).type());
  }

  private static <W extends TFloating> WeightStacks<W> of(
      List<StateWeight> states, Weights weights, Class<W> kept) {
    List<Operand<W>> values = new ArrayList<>();
    for (StateWeight state : states) {
      values.add(weights.get(state.name()).asOutput().expect(kept));
    }
    return new WeightStacks<>(states, values);
  }

  /** The same stacks where a loop's turn has them. */
  WeightStacks<W> inside(List<Operand<?>> given) {
    return new WeightStacks<>(states, typed(given));
  }

  /** The weights of a turn, by the names they have in the first; each is taken out once. */
  Weights at(Ops tf, Operand<TInt32> turn) {
    Map<String, Operand<W>> stacks = new HashMap<>();
    for (int i = 0; i < states.size(); i++) {
      stacks.put(states.get(i).first().name(), values.get(i));
    }
    Map<String, Operand<W>> taken = new HashMap<>();
    return name -> taken.computeIfAbsent(name, key -> Stacks.at(tf, stacks.get(key), turn));
  }

  /** Stacks of zeros as large. */
  List<Operand<?>> zeros(Ops tf) {
    List<Operand<?>> zeros = new ArrayList<>();
    for (Operand<W> value : values) zeros.add(tf.zerosLike(value));
    return zeros;
  }

  /**
   * These stacks with a turn's tensors in them.
   *
   * @param tensors by the names that weights have in the first turn
   */
  List<Operand<?>> with(
      Ops tf, Operand<TInt32> turn, Map<String, Operand<? extends TFloating>> tensors) {
    List<Operand<?>> changed = new ArrayList<>();
    for (int i = 0; i < states.size(); i++) {
      Operand<? extends TFloating> tensor = tensors.get(states.get(i).first().name());
      changed.add(
          Stacks.with(tf, values.get(i), turn, tensor.asOutput().expect(values.get(i).type())));
    }
    return changed;
  }

  /** By the names of the state. */
  Map<String, Operand<? extends TFloating>> byName() {
    Map<String, Operand<? extends TFloating>> named = new LinkedHashMap<>();
    for (int i = 0; i < states.size(); i++) named.put(states.get(i).name(), values.get(i));
    return named;
  }

  private List<Operand<W>> typed(List<Operand<?>> given) {
    Class<W> kept = values.getFirst().type();
    return given.stream().<Operand<W>>map(value -> value.asOutput().expect(kept)).toList();
  }
}
