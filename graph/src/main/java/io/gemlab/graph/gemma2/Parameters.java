package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.graph.runtime.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * A model's weights as a program keeps them: each one's name, the type it is stored in, and whether
 * it is trained.
 *
 * @param all of them, in the order of the layers
 * @param segments the layers in runs that are trained or frozen together; scanned layers are a loop
 *     and stacks of their own in each
 */
public record Parameters(List<Parameter> all, List<LayerRange> segments) {
  public Parameters {
    all = List.copyOf(all);
    segments = List.copyOf(segments);
  }

  /** Of a model that is not trained. */
  public static Parameters of(Gemma2Model<?> model, ElementType storageType) {
    return of(model, Trainable.NONE, storageType, storageType);
  }

  /** Of a model that is trained as a whole, in float32. */
  public static Parameters trained(Gemma2Model<?> model) {
    return of(model, Trainable.ALL, ElementType.F32, ElementType.F32);
  }

  /**
   * Of a model of which some weights may be trained.
   *
   * @param trained the type that trained weights are stored in
   * @param frozen the type that the others are
   * @throws io.gemlab.graph.base.input.InvalidInput if the model has no such layers
   */
  public static Parameters of(
      Gemma2Model<?> model, Trainable trainable, ElementType trained, ElementType frozen) {
    List<LayerRange> segments = trainable.segments(model.config());
    List<Parameter> all = new ArrayList<>();
    for (StateWeight weight : states(model, segments)) {
      boolean isTrained = trainable.includes(weight.first());
      all.add(
          new Parameter(
              weight,
              isTrained ? trained : frozen,
              quantization(model, weight.first().kind()),
              isTrained));
    }
    return new Parameters(all, segments);
  }

  /** The model's own weights, then its adapter's. */
  private static List<StateWeight> states(Gemma2Model<?> model, List<LayerRange> segments) {
    List<WeightSpec> adapter =
        model.adapter().map(lora -> WeightSpec.ofAdapter(model.config(), lora)).orElse(List.of());
    return Stream.of(WeightSpec.of(model.config()), adapter)
        .flatMap(
            weights ->
                StateWeight.of(model.config(), model.depth().layers(), segments, weights).stream())
        .toList();
  }

  private static Quantization quantization(Gemma2Model<?> model, WeightKind kind) {
    return switch (kind) {
      case EMBEDDING, ATTENTION, MLP -> model.quantization();
      case NORM, LORA_A, LORA_B -> Quantization.NONE;
    };
  }

  /** The model's own. */
  public List<Parameter> own() {
    return all.stream().filter(parameter -> !parameter.isAdapter()).toList();
  }

  /** Its adapter's. */
  public List<Parameter> adapter() {
    return all.stream().filter(Parameter::isAdapter).toList();
  }

  /** Those that are trained. */
  public List<Parameter> trained() {
    return all.stream().filter(Parameter::trained).toList();
  }

  /** The model's own that are not trained. */
  public List<Parameter> frozen() {
    return own().stream().filter(parameter -> !parameter.trained()).toList();
  }

  /** Those that are trained and are no layer's. */
  List<Parameter> trainedOutsideLayers() {
    return trained().stream()
        .filter(parameter -> parameter.weight().first().layer().isEmpty())
        .toList();
  }

  /** The parameters of a run of layers. */
  List<Parameter> of(LayerRange layers) {
    return all.stream()
        .filter(parameter -> parameter.weight().first().layer().stream().anyMatch(layers::contains))
        .toList();
  }

  /**
   * The names of trained weights of a run of layers; of a stack, that of the first weight in it.
   */
  Set<String> trainedIn(LayerRange layers) {
    return of(layers).stream()
        .filter(Parameter::trained)
        .map(parameter -> parameter.weight().first().name())
        .collect(Collectors.toSet());
  }

  /**
   * Whether a training step's gradient goes back through these layers: something is trained in them
   * or below them.
   */
  boolean takeGradients(LayerRange layers) {
    return all.stream()
        .filter(Parameter::trained)
        .map(parameter -> parameter.weight().first())
        .anyMatch(
            weight ->
                weight.kind() == WeightKind.EMBEDDING
                    || weight.layer().isPresent() && weight.layer().getAsInt() < layers.end());
  }

  /** The weights by their own names, those that are stacked taken out of their stacks. */
  StateTensors ofEachLayer(Ops tf, StateTensors state) {
    Map<String, Operand<?>> taken = new HashMap<>();
    for (Parameter parameter : all) {
      List<WeightSpec> weights = parameter.weight().weights();
      for (int at = 0; parameter.weight().isStack() && at < weights.size(); at++) {
        Operand<? extends TFloating> stack = Tensors.floating(state.get(parameter.name()));
        taken.put(weights.get(at).name(), StackedTensors.at(tf, stack, tf.constant(at)));
      }
    }
    return name -> taken.getOrDefault(name, state.get(name));
  }

  /** The shape of each of the model's own weights, by its name in a checkpoint. */
  public Map<String, TensorShape> checkpointShapes() {
    Map<String, TensorShape> shapes = new LinkedHashMap<>();
    for (Parameter parameter : own()) {
      parameter.weight().weights().forEach(weight -> shapes.put(weight.name(), weight.shape()));
    }
    return shapes;
  }
}
