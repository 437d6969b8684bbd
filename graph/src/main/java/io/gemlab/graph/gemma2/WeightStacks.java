package io.gemlab.graph.gemma2;

import io.gemlab.graph.runtime.Tensors;
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
 * Layers' stacked weights in a trace, in one order.
 *
 * @param weights names, shapes and layers of the stacks: every weight that layers have
 * @param values the stacks themselves, in the order of {@code weights}, each [L / P, ...] for L
 *     layers with a period of P
 */
record WeightStacks(List<StateWeight> weights, List<Operand<?>> values) {

  /** Those that a trace has declared. */
  static WeightStacks of(List<Parameter> parameters, StateTensors tensors) {
    List<StateWeight> weights = parameters.stream().map(Parameter::weight).toList();
    return new WeightStacks(
        weights, weights.stream().<Operand<?>>map(weight -> tensors.get(weight.name())).toList());
  }

  /** The same stacks where a loop's iteration has them. */
  WeightStacks inside(List<Operand<?>> given) {
    return new WeightStacks(weights, given);
  }

  /** The weights of an iteration, by the names they have in the first; each is taken out once. */
  StateTensors at(Ops tf, Operand<TInt32> iteration) {
    Map<String, Operand<?>> stacks = new HashMap<>();
    for (int i = 0; i < weights.size(); i++) {
      stacks.put(weights.get(i).first().name(), values.get(i));
    }
    Map<String, Operand<?>> taken = new HashMap<>();
    return name ->
        taken.computeIfAbsent(
            name, key -> StackedTensors.at(tf, Tensors.floating(stacks.get(key)), iteration));
  }

  /** StackedTensors of zeros as large. */
  List<Operand<?>> zeros(Ops tf) {
    List<Operand<?>> zeros = new ArrayList<>();
    for (Operand<?> value : values) zeros.add(tf.zerosLike(value));
    return zeros;
  }

  /**
   * These stacks with an iteration's tensors in them.
   *
   * @param tensors by the names that weights have in the first iteration
   */
  List<Operand<?>> with(
      Ops tf, Operand<TInt32> iteration, Map<String, Operand<? extends TFloating>> tensors) {
    List<Operand<?>> changed = new ArrayList<>();
    for (int i = 0; i < weights.size(); i++) {
      Operand<?> tensor = tensors.get(weights.get(i).first().name());
      changed.add(with(tf, Tensors.floating(values.get(i)), iteration, tensor));
    }
    return changed;
  }

  private static <W extends TFloating> Operand<W> with(
      Ops tf, Operand<W> stack, Operand<TInt32> iteration, Operand<?> tensor) {
    return StackedTensors.with(tf, stack, iteration, tensor.asOutput().expect(stack.type()));
  }

  /** By the names of the state. */
  Map<String, Operand<? extends TFloating>> byName() {
    Map<String, Operand<? extends TFloating>> named = new LinkedHashMap<>();
    for (int i = 0; i < weights.size(); i++) {
      named.put(weights.get(i).name(), Tensors.floating(values.get(i)));
    }
    return named;
  }
}
