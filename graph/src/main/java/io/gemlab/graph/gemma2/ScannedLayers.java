package io.gemlab.graph.gemma2;

import io.gemlab.graph.runtime.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * A loop over the periods of a run of layers, and a second one back. A iteration takes its layers'
 * weights out of the stacks; what passes from the first loop to the second is each layer's input.
 */
record ScannedLayers<T extends TFloating>(
    Gemma2Model<T> model, LayerRange layers, LayerPeriod period) implements LayerStack<T> {

  @Override
  public List<Operand<T>> outputs(Ops tf, ModelTrace<T> traced, Places places, Operand<T> x_MD) {
    return List.of(forward(traced, places, x_MD, List.of()).getFirst());
  }

  @Override
  public Kept<T> keepingInputs(Ops tf, ModelTrace<T> traced, Places places, Operand<T> x_MD) {
    Operand<T> room =
        StackedTensors.zeros(
            tf, model.type(), Tensors.shape(x_MD.shape()).stacked(period.tripCount()));
    List<Operand<T>> passed =
        forward(traced, places, x_MD, Collections.nCopies(period.length(), room));
    List<Operand<T>> inputs = passed.subList(1, passed.size());
    return new Kept<>(passed.getFirst(), dy_MD -> backward(tf, traced, places, inputs, dy_MD));
  }

  /**
   * The loop up.
   *
   * @param room where to put the inputs of the layer at each place of the period; none to keep none
   * @return the last layer's output, then what {@code room} became
   */
  private List<Operand<T>> forward(
      ModelTrace<T> traced, Places places, Operand<T> x_MD, List<Operand<T>> room) {
    WeightStacks stacks = stacks(traced);
    List<Operand<?>> carried = joined(List.of(x_MD), room);
    List<Operand<?>> held = joined(places.operands(), stacks.values());
    int first = places.operands().size();
    return typed(
        traced
            .trace()
            .loop(
                name("layers"),
                period.tripCount(),
                carried,
                held,
                (inside, iteration, before, given) -> {
                  Ops tf = inside.ops().withSubScope("model");
                  Weights weights =
                      model.weights(
                          stacks.inside(given.subList(first, given.size())).at(tf, iteration));
                  List<Operand<T>> values = typed(before);
                  List<Operand<T>> passed = new ArrayList<>();
                  passed.add(values.getFirst());
                  passed.addAll(
                      model.layers(
                          tf,
                          weights,
                          onePeriod(),
                          model.context(tf, places.inside(given)),
                          passed.getFirst()));
                  List<Operand<?>> next = new ArrayList<>();
                  next.add(passed.getLast());
                  for (int place = 0; place < room.size(); place++) {
                    next.add(
                        StackedTensors.with(
                            tf, values.get(1 + place), iteration, passed.get(place)));
                  }
                  return next;
                }));
  }

  /** The loop back, from the last iteration to the first. */
  private LayerGradients<T> backward(
      Ops tf, ModelTrace<T> traced, Places places, List<Operand<T>> inputs, Operand<T> dy_MD) {
    int first = places.operands().size();
    int end = first + period.length();
    WeightStacks stacks = stacks(traced);
    List<Parameter> trained =
        traced.parameters().of(layers).stream().filter(Parameter::trained).toList();
    WeightStacks gradientsOf = WeightStacks.of(trained, traced.tensors());
    List<Operand<?>> result =
        traced
            .trace()
            .loop(
                name("layers_backward"),
                period.tripCount(),
                joined(List.of(dy_MD), gradientsOf.zeros(tf)),
                joined(joined(places.operands(), inputs), stacks.values()),
                (inside, number, before, given) -> {
                  Ops back = inside.ops().withSubScope("model");
                  Operand<TInt32> iteration =
                      back.math.sub(back.constant(period.tripCount() - 1), number);
                  List<Operand<T>> kept =
                      typed(given.subList(first, end)).stream()
                          .map(stack -> StackedTensors.at(back, stack, iteration))
                          .toList();
                  StateTensors tensors =
                      stacks.inside(given.subList(end, given.size())).at(back, iteration);
                  LayerGradients<T> gradients =
                      new LayersBackward<>(model, onePeriod())
                          .of(
                              back,
                              dy -> tensors,
                              traced.parameters().trainedIn(layers),
                              model.context(back, places.inside(given)),
                              kept,
                              typed(before.subList(0, 1)).getFirst());
                  return joined(
                      List.of(gradients.dx_MD()),
                      gradientsOf
                          .inside(before.subList(1, before.size()))
                          .with(back, iteration, gradients.weights()));
                });
    return new LayerGradients<>(
        typed(result.subList(0, 1)).getFirst(),
        gradientsOf.inside(result.subList(1, result.size())).byName());
  }

  /** The layers of an iteration, named as in the first. */
  private LayerRange onePeriod() {
    return new LayerRange(layers.first(), layers.first() + period.length());
  }

  private WeightStacks stacks(ModelTrace<T> traced) {
    return WeightStacks.of(traced.parameters().of(layers), traced.tensors());
  }

  /** What a loop is called: with its first layer where that is not the model's first. */
  private String name(String loop) {
    return layers.first() == 0 ? loop : loop + "_from_" + layers.first();
  }

  private List<Operand<T>> typed(List<? extends Operand<?>> values) {
    return values.stream().<Operand<T>>map(value -> value.asOutput().expect(model.type())).toList();
  }

  private static List<Operand<?>> joined(
      List<? extends Operand<?>> first, List<? extends Operand<?>> second) {
    List<Operand<?>> joined = new ArrayList<>(first);
    joined.addAll(second);
    return joined;
  }
}
