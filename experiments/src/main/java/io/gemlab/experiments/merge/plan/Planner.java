package io.gemlab.experiments.merge.plan;

import static io.gemlab.graph.base.input.InvalidInput.shown;

import io.gemlab.experiments.merge.method.Contract;
import io.gemlab.experiments.merge.method.Parameter;
import io.gemlab.experiments.merge.method.ParameterValues;
import io.gemlab.experiments.merge.recipe.LayerRange;
import io.gemlab.experiments.merge.recipe.MergeRecipe;
import io.gemlab.experiments.merge.recipe.ModelReference;
import io.gemlab.experiments.merge.recipe.Settings;
import io.gemlab.experiments.merge.recipe.Slice;
import io.gemlab.experiments.merge.recipe.Source;
import io.gemlab.graph.base.checkpoint.TensorInfo;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Plans the tensors of a result, as mergekit does: embedding, the slices' layers, final norm. */
final class Planner {
  private static final String EMBEDDING = "model.embed_tokens.weight";

  private final MergeRecipe recipe;
  private final Contract contract;
  private final Map<ModelReference, InputModel> models = new LinkedHashMap<>();
  private final List<PlannedTensor> tensors = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  Planner(MergeRecipe recipe, List<InputModel> models) {
    this.recipe = recipe;
    this.contract = recipe.method().contract();
    models.forEach(model -> this.models.put(model.reference(), model));
    List<Slice> slices = recipe.slices().stream().map(this::withBase).toList();
    slices.forEach(this::check);
    addOutside(slices.getFirst(), EMBEDDING::equals);
    int layer = 0;
    for (Slice slice : slices) {
      for (int offset = 0; offset < layers(slice); offset++) addLayer(slice, offset, layer++);
    }
    addOutside(slices.getLast(), name -> !name.equals(EMBEDDING));
    warnOfParameters();
    warnOfScaledEmbedding();
    warnOfMixedTypes();
  }

  List<PlannedTensor> tensors() {
    return List.copyOf(tensors);
  }

  List<String> warnings() {
    return List.copyOf(warnings);
  }

  private InputModel model(Source source) {
    return models.get(source.model());
  }

  private Optional<ModelReference> base(Slice slice) {
    return contract.base() == Contract.Base.NONE ? Optional.empty() : slice.base().or(recipe::base);
  }

  /**
   * A recipe of models need not name the base among them, which mergekit then adds, to methods that
   * have no base too; one of slices gives its layers.
   */
  private Slice withBase(Slice slice) {
    boolean isOfModels = slice.sources().getFirst().layers().isEmpty();
    Optional<ModelReference> base = isOfModels ? recipe.base() : base(slice);
    boolean isThere =
        base.isEmpty()
            || slice.sources().stream().anyMatch(source -> source.model().equals(base.get()));
    if (isThere) return slice;
    if (!isOfModels) {
      throw new InvalidInput(
          "%s: base_model %s is none of the sources; add it with its layer_range"
              .formatted(slice.where(), base.get()));
    }
    if (contract.base() == Contract.Base.NONE) {
      warnings.add(
          "base_model %s is merged too, as if it stood among the models; mergekit does so"
              .formatted(base.get()));
    }
    List<Source> sources = new ArrayList<>(slice.sources());
    sources.add(new Source(base.get(), Optional.empty(), Settings.NONE, slice.where()));
    return new Slice(sources, slice.base(), slice.settings(), slice.where());
  }

  private void check(Slice slice) {
    int count = slice.sources().size() - (base(slice).isPresent() ? 1 : 0);
    contract.require(count, base(slice).isPresent(), slice.where());
    for (Source source : slice.sources()) {
      int there = model(source).layers();
      source
          .layers()
          .filter(range -> range.to() > there)
          .ifPresent(
              range -> {
                throw new InvalidInput(
                    "%s: layer_range is [%d, %d], and %s has %d layers"
                        .formatted(
                            source.where(), range.from(), range.to(), source.model(), there));
              });
      requireSameTensors(slice.sources().getFirst(), source);
    }
  }

  private int layers(Slice slice) {
    Source first = slice.sources().getFirst();
    return first.layers().map(LayerRange::count).orElseGet(() -> model(first).layers());
  }

  private static int firstLayer(Source source) {
    return source.layers().map(LayerRange::from).orElse(0);
  }

  /** Every tensor that counts has its like in the other model, in the same shape. */
  private void requireSameTensors(Source one, Source other) {
    Map<String, TensorInfo> wanted = counting(one);
    Map<String, TensorInfo> there = counting(other);
    requireAll(wanted, other, there, one);
    requireAll(there, one, wanted, other);
    wanted.forEach(
        (name, tensor) -> {
          TensorShape shape = there.get(name).shape();
          if (!shape.equals(tensor.shape())) throw misshapen(name, one, tensor, other, shape);
        });
  }

  /** A source's tensors, the layers numbered from 0. */
  private Map<String, TensorInfo> counting(Source source) {
    int from = firstLayer(source);
    int to = source.layers().map(LayerRange::to).orElse(Integer.MAX_VALUE);
    Map<String, TensorInfo> counting = new LinkedHashMap<>();
    model(source)
        .tensors()
        .forEach(
            (name, tensor) -> {
              int layer = InputModel.layer(name);
              if (layer < 0) counting.put(name, tensor);
              else if (layer >= from && layer < to) {
                counting.put(InputModel.inLayer(name, layer - from), tensor);
              }
            });
    return counting;
  }

  private static void requireAll(
      Map<String, TensorInfo> wanted, Source source, Map<String, TensorInfo> there, Source other) {
    List<String> missing =
        wanted.entrySet().stream()
            .filter(tensor -> !there.containsKey(tensor.getKey()))
            .map(tensor -> tensor.getValue().name())
            .toList();
    if (missing.isEmpty()) return;
    throw new InvalidInput(
        "%s: %s lacks %d tensors that %s has, %s first; merge models of one architecture"
            .formatted(
                source.where(),
                source.model(),
                missing.size(),
                other.model(),
                shown(missing.getFirst())));
  }

  private static InvalidInput misshapen(
      String name, Source one, TensorInfo tensor, Source other, TensorShape shape) {
    String remedy =
        name.equals(EMBEDDING)
            ? "their vocabularies differ; resize one (transformers: resize_token_embeddings) to the"
                + " other's tokenizer"
            : "merge models of one architecture";
    return new InvalidInput(
        "%s: %s is %s in %s and %s in %s; %s"
            .formatted(
                other.where(), name, shape, other.model(), tensor.shape(), one.model(), remedy));
  }

  private void addOutside(Slice slice, Predicate<String> which) {
    for (String name : model(slice.sources().getFirst()).tensors().keySet()) {
      if (InputModel.layer(name) < 0 && which.test(name)) {
        add(name, slice, 0, _ -> name);
      }
    }
  }

  private void addLayer(Slice slice, int offset, int layer) {
    int count = layers(slice);
    double depth = count > 1 ? offset / (double) (count - 1) : 1;
    Source first = slice.sources().getFirst();
    int from = firstLayer(first) + offset;
    for (String name : model(first).tensors().keySet()) {
      if (InputModel.layer(name) == from) {
        add(
            InputModel.inLayer(name, layer),
            slice,
            depth,
            source -> InputModel.inLayer(name, firstLayer(source) + offset));
      }
    }
  }

  /** What a source calls a tensor of the result. */
  @FunctionalInterface
  private interface Naming {
    String in(Source source);
  }

  private void add(String name, Slice slice, double depth, Naming naming) {
    List<PlannedTensor.Input> inputs =
        slice.sources().stream()
            .map(
                source -> {
                  String inSource = naming.in(source);
                  ElementType type = model(source).tensors().get(inSource).type();
                  model(source).checkpoint().float32(inSource); // refuses what isn't floating-point
                  return new PlannedTensor.Input(model(source), inSource, type);
                })
            .toList();
    OptionalInt base =
        base(slice)
            .map(
                reference ->
                    IntStream.range(0, inputs.size())
                        .filter(i -> inputs.get(i).model().reference().equals(reference))
                        .findFirst())
            .orElse(OptionalInt.empty());
    tensors.add(
        new PlannedTensor(
            name,
            model(slice.sources().getFirst()).tensors().get(inputs.getFirst().name()).shape(),
            stored(inputs),
            inputs,
            base,
            values(name, slice, depth, naming)));
  }

  private ElementType stored(List<PlannedTensor.Input> inputs) {
    List<ElementType> types = types(inputs);
    ElementType promoted =
        types.size() == 1 && types.getFirst() != ElementType.F64
            ? types.getFirst()
            : ElementType.F32;
    return recipe.outDtype().or(recipe::dtype).orElse(promoted);
  }

  private ParameterValues values(String name, Slice slice, double depth, Naming naming) {
    Map<String, Double> ofMerge = new LinkedHashMap<>();
    Map<String, List<Double>> ofModels = new LinkedHashMap<>();
    for (Parameter parameter : contract.parameters()) {
      String key = parameter.name();
      switch (parameter.scope()) {
        case MERGE ->
            ofMerge.put(
                key,
                given(parameter, recipe.ofMerge(key, slice, name, depth))
                    .orElseThrow(() -> missing(slice.where(), parameter, name)));
        case MODEL -> {
          ToDoubleFunction<Source> value =
              source ->
                  given(parameter, recipe.ofModel(key, slice, source, naming.in(source), depth))
                      .orElseGet(() -> requireBase(slice, source, parameter, name));
          ofModels.put(key, slice.sources().stream().mapToDouble(value).boxed().toList());
        }
        case POINT -> {} // each result has its own
      }
    }
    ParameterValues values = new ParameterValues(ofMerge, ofModels);
    recipe
        .method()
        .problem(values)
        .ifPresent(
            what -> {
              throw new InvalidInput("%s: %s: %s".formatted(slice.where(), name, what));
            });
    return values;
  }

  private static OptionalDouble given(Parameter parameter, OptionalDouble inRecipe) {
    return inRecipe.isPresent() ? inRecipe : parameter.standard();
  }

  /** A value that nobody reads, for the base; another model needs its own. */
  private double requireBase(Slice slice, Source source, Parameter parameter, String tensor) {
    if (base(slice).equals(Optional.of(source.model()))) return 0;
    throw missing(source.where(), parameter, tensor);
  }

  private InvalidInput missing(String where, Parameter parameter, String tensor) {
    return new InvalidInput(
        "%s: %s is missing for %s; %s needs it: give %s"
            .formatted(where, parameter.name(), tensor, contract.name(), parameter.wanted()));
  }

  /** Once, of the first tensor that it is so for. */
  private void warnOfParameters() {
    for (PlannedTensor tensor : tensors) {
      Optional<String> caution = recipe.method().caution(tensor.values());
      if (caution.isEmpty()) continue;
      warnings.add("%s: %s".formatted(tensor.name(), caution.get()));
      return;
    }
  }

  private void warnOfScaledEmbedding() {
    for (PlannedTensor tensor : tensors) {
      double scale = recipe.method().scale(tensor.values());
      if (tensor.name().equals(EMBEDDING) && scale != 1) {
        warnings.add(
            "%s is scaled by %s: it is input and output layer at once, so both the model's input and its logits are"
                .formatted(EMBEDDING, (float) scale));
      }
    }
  }

  private void warnOfMixedTypes() {
    List<PlannedTensor> mixed =
        tensors.stream().filter(tensor -> types(tensor.inputs()).size() > 1).toList();
    if (mixed.isEmpty()) return;
    PlannedTensor first = mixed.getFirst();
    warnings.add(
        "%d tensors have other types in one model than in another, %s first (%s); the result is stored as %s"
            .formatted(
                mixed.size(),
                first.name(),
                types(first.inputs()).stream()
                    .map(ElementType::label)
                    .collect(Collectors.joining(", ")),
                first.stored().label()));
  }

  private static List<ElementType> types(List<PlannedTensor.Input> inputs) {
    return inputs.stream().map(PlannedTensor.Input::type).distinct().toList();
  }
}
