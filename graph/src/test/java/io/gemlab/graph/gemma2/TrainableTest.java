package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.gemlab.graph.TestFiles;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.gemma2.Depth.Layers;
import io.gemlab.graph.gemma2.Depth.Remat;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.MatmulFlops;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.BlockwiseAttention;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.types.TFloat32;

/** What is trained gets the whole model's gradients, and what is frozen gets nothing. */
public class TrainableTest {
  private static final Depth SCANNED = new Depth(Layers.SCANNED, Remat.LAYER);
  private static final List<Depth> DEPTHS =
      List.of(Depth.PLAIN, new Depth(Layers.UNROLLED, Remat.LAYER), SCANNED);
  private static final List<ExecutionPath> PATHS =
      List.of(new EagerPath(), new GraphPath(), new ClusteredPath(), new FusedPath());

  private static final double BETA1 = 0.9;
  private static final long SEED = 5;

  /** The upper half of four layers: a loop is cut in two. */
  private static final LayerRange UPPER = new LayerRange(2, 4);

  /** In the middle of six layers: a loop is cut in three. */
  private static final LayerRange MIDDLE = new LayerRange(2, 4);

  private static final List<Trainable> TRAINABLE =
      List.of(Trainable.without(WeightKind.NORM, WeightKind.MLP), Trainable.only(UPPER));

  private static final List<Trainable> OTHERS =
      List.of(
          Trainable.ALL,
          Trainable.without(WeightKind.NORM),
          Trainable.without(WeightKind.MLP),
          Trainable.without(WeightKind.EMBEDDING),
          new Trainable(EnumSet.of(WeightKind.EMBEDDING), Optional.empty()),
          new Trainable(EnumSet.of(WeightKind.NORM, WeightKind.MLP), Optional.of(MIDDLE)),
          Trainable.only(MIDDLE),
          Trainable.only(new LayerRange(4, 6)),
          Trainable.only(new LayerRange(0, 2)));

  private static final Gemma2Config FOUR = config(4);
  private static final Gemma2Config CONFIG = config(6);

  /** Of the whole model, every layer by itself. */
  private static final Map<Gemma2Config, Map<String, float[]>> GRADIENTS =
      Map.of(FOUR, wholeGradients(FOUR), CONFIG, wholeGradients(CONFIG));

  static Stream<Arguments> combinations(List<ExecutionPath> paths) {
    return DEPTHS.stream().flatMap(depth -> paths.stream().map(path -> Arguments.of(depth, path)));
  }

  static Stream<Arguments> combinations() {
    return combinations(PATHS);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("combinations")
  void everyPathTrainsTheSame(Depth depth, ExecutionPath path) {
    TRAINABLE.forEach(trainable -> trainsThatAlone(FOUR, trainable, depth, path));
  }

  /** What every path must do, with each way through the depth. */
  public void trainsOn(ExecutionPath path) {
    DEPTHS.forEach(depth -> everyPathTrainsTheSame(depth, path));
  }

  @ParameterizedTest
  @FieldSource("DEPTHS")
  void otherSubsetsToo(Depth depth) {
    OTHERS.forEach(trainable -> trainsThatAlone(CONFIG, trainable, depth, new EagerPath()));
  }

  /** A step's first moments are its gradients, times what they weigh. */
  private static void trainsThatAlone(
      Gemma2Config config, Trainable trainable, Depth depth, ExecutionPath path) {
    Gemma2Model<TFloat32> model = model(config, depth);
    Parameters parameters = parameters(model, trainable);
    GraphFunction step = step(training(model, parameters));
    Set<String> trained = names(parameters.trained());
    assertEquals(moments(trained), states(step, StateRole.MOMENT));
    assertEquals(names(parameters.all()), states(step, StateRole.WEIGHT));
    try (Executable executable = path.load(List.of(step))) {
      ModelWeights.initialize(parameters, SEED, executable);
      TrainStep.resetOptimizer(step, executable);
      Map<String, float[]> before = weights(parameters, executable);
      executable.run("step", Golden.labelled("A")).close();
      TrainStep.requireFinite(step, executable);
      Map<String, float[]> after = weights(parameters, executable);
      Map<String, float[]> gradients = new HashMap<>();
      for (Parameter parameter : parameters.all()) {
        String name = parameter.name();
        if (parameter.trained()) {
          assertFalse(Arrays.equals(before.get(name), after.get(name)), name + " is as before");
          gradients.putAll(gradients(parameter.weight(), executable));
        } else {
          assertArrayEquals(before.get(name), after.get(name), name);
        }
      }
      gradients.forEach(
          (name, gradient) ->
              DepthTest.assertClose(name, GRADIENTS.get(config).get(name), gradient, 2e-4));
      assertEquals(
          WeightSpec.of(config).stream().filter(trainable::includes).count(), gradients.size());
    }
  }

  private static Map<String, float[]> gradients(StateWeight weight, Executable executable) {
    try (HostTensor moment = executable.read(TrainStep.expAvg(weight.name()))) {
      float[] values = moment.floats();
      for (int i = 0; i < values.length; i++) values[i] /= (float) (1 - BETA1);
      return DepthTest.parts(weight, values);
    }
  }

  /** The backward pass of the upper layers costs the same, however many there are below. */
  @ParameterizedTest
  @FieldSource("DEPTHS")
  void layersBelowNeedNoBackwardPass(Depth depth) {
    assertEquals(backward(2, depth), backward(6, depth));
  }

  /** Of the last two layers of a model. */
  private static long backward(int layers, Depth depth) {
    Gemma2Model<TFloat32> model = model(config(layers), depth);
    TrainStep<TFloat32> training =
        training(model, parameters(model, Trainable.only(new LayerRange(layers - 2, layers))));
    return MatmulFlops.of(training.traceGradients("gradients"))
        - MatmulFlops.of(training.traceLoss("loss"));
  }

  @Test
  void stacksEndWhereTrainingDoes() {
    Parameters parameters =
        Parameters.of(
            model(CONFIG, SCANNED), Trainable.only(MIDDLE), ElementType.F32, ElementType.BF16);
    Map<String, Integer> stacks =
        parameters.all().stream()
            .map(Parameter::weight)
            .filter(weight -> weight.name().endsWith("up_proj.weight"))
            .collect(Collectors.toMap(StateWeight::name, weight -> weight.weights().size()));
    assertEquals(
        Map.of(
            "model.layers.0by2.mlp.up_proj.weight", 1,
            "model.layers.1by2.mlp.up_proj.weight", 1,
            "model.layers.2by2.mlp.up_proj.weight", 1,
            "model.layers.3by2.mlp.up_proj.weight", 1,
            "model.layers.4by2.mlp.up_proj.weight", 1,
            "model.layers.5by2.mlp.up_proj.weight", 1),
        stacks);
    assertEquals(
        List.of(ElementType.F32, ElementType.BF16),
        parameters.all().stream()
            .map(Parameter::storageType)
            .distinct()
            .sorted()
            .toList()
            .reversed());
  }

  /** Half the memory for what is not trained; loaded, trained and saved like the rest. */
  @Test
  void frozenWeightsAreStoredInAnotherType(@TempDir Path folder) {
    CheckpointFiles files;
    try (HfCheckpoint checkpoint = HfCheckpoint.open(TestFiles.golden("ckpt_f32"))) {
      files = checkpoint.files();
    }
    Map<Depth, Map<String, float[]>> gradients = new HashMap<>();
    for (Depth depth : DEPTHS) {
      Gemma2Model<TFloat32> model = model(CONFIG, depth);
      Parameters parameters =
          Parameters.of(model, Trainable.only(MIDDLE), ElementType.F32, ElementType.BF16);
      GraphFunction step = step(training(model, parameters));
      Path saved = folder.resolve(depth.described());
      try (Executable executable = new EagerPath().load(List.of(step))) {
        ModelWeights.initialize(parameters, SEED, executable);
        TrainStep.resetOptimizer(step, executable);
        executable.run("step", Golden.labelled("A")).close();
        Map<String, float[]> found = new HashMap<>();
        for (Parameter trained : parameters.trained()) {
          found.putAll(gradients(trained.weight(), executable));
        }
        gradients.put(depth, found);
        ModelWeights.save(executable, parameters, ElementType.F32, files, saved);
      }
      try (HfCheckpoint checkpoint = HfCheckpoint.open(saved)) {
        checkpoint.requireExactly(WeightSpec.shapes(CONFIG));
      }
    }
    Map<String, float[]> want = gradients.get(Depth.PLAIN);
    gradients
        .values()
        .forEach(
            found ->
                want.forEach(
                    (name, gradient) ->
                        DepthTest.assertClose(name, gradient, found.get(name), 2e-4)));
  }

  /**
   * Gradients pass matrices that take none. What the integers lose is a few hundredths; a matrix
   * that was left out would be all of it.
   */
  @Test
  void normsOverQuantizedMatricesAreTrained() {
    Gemma2Model<TFloat32> model =
        new Gemma2Model<>(
            CONFIG,
            OpChoice.of(new BlockwiseAttention(OptionalInt.of(5))),
            TFloat32.class,
            new Depth(Layers.UNROLLED, Remat.LAYER),
            Quantization.INT8);
    Parameters parameters =
        parameters(model, new Trainable(EnumSet.of(WeightKind.NORM), Optional.empty()));
    GraphFunction gradients = training(model, parameters).traceGradients("gradients");
    try (Executable executable = new EagerPath().load(List.of(gradients))) {
      ModelWeights.initialize(parameters, SEED, executable);
      try (Results results = executable.run("gradients", Golden.labelled("A"))) {
        for (Parameter norm : parameters.trained()) {
          DepthTest.assertClose(
              norm.name(),
              GRADIENTS.get(CONFIG).get(norm.name()),
              results.get(norm.name()).floats(),
              0.15);
        }
      }
    }
  }

  @Test
  void whatCanNotBeTrainedIsRefused() {
    Gemma2Model<TFloat32> scanned = model(CONFIG, SCANNED);
    refused(
        "the model has layers 0 to 5",
        () -> parameters(scanned, Trainable.only(new LayerRange(4, 7))));
    refused(
        "the 3 layers from layer 0 on are no multiple of the 2",
        () -> parameters(scanned, Trainable.only(new LayerRange(3, 6))));
    refused("layers 3 to 2 are none", () -> new LayerRange(3, 3));
    refused(
        "no weight is trained", () -> training(scanned, Parameters.of(scanned, ElementType.F32)));
    Parameters narrow = Parameters.of(scanned, Trainable.ALL, ElementType.F16, ElementType.F16);
    refused("store trained weights in float32 or bfloat16", () -> training(scanned, narrow));
  }

  private static void refused(String reason, org.junit.jupiter.api.function.Executable what) {
    InvalidInput refused = assertThrows(InvalidInput.class, what);
    assertTrue(refused.getMessage().contains(reason), refused.getMessage());
  }

  private static Parameters parameters(Gemma2Model<?> model, Trainable trainable) {
    return Parameters.of(model, trainable, ElementType.F32, ElementType.F32);
  }

  private static Map<String, float[]> wholeGradients(Gemma2Config config) {
    Gemma2Model<TFloat32> model = model(config, Depth.PLAIN);
    Parameters parameters = Parameters.trained(model);
    GraphFunction function = training(model, parameters).traceGradients("gradients");
    Map<String, float[]> gradients = new HashMap<>();
    try (Executable executable = new EagerPath().load(List.of(function))) {
      ModelWeights.initialize(parameters, SEED, executable);
      try (Results results = executable.run("gradients", Golden.labelled("A"))) {
        results.tensors().forEach((name, gradient) -> gradients.put(name, gradient.floats()));
      }
    }
    return gradients;
  }

  private static Map<String, float[]> weights(Parameters parameters, Executable executable) {
    Map<String, float[]> weights = new HashMap<>();
    for (String name : names(parameters.all())) {
      try (HostTensor value = executable.read(name)) {
        weights.put(name, value.floats());
      }
    }
    return weights;
  }

  private static GraphFunction step(TrainStep<?> training) {
    return training.trace(
        "step",
        new TrainStep.Optimizer(
            new AdamW(BETA1, 0.95, 1e-8, 0.01),
            LearningRate.constant(1e-3),
            OptionalDouble.empty()));
  }

  private static TrainStep<TFloat32> training(Gemma2Model<TFloat32> model, Parameters parameters) {
    return new TrainStep<>(
        model, parameters, new TrainingLoss.BatchShape(2, 24), new NextTokenLoss());
  }

  private static Gemma2Model<TFloat32> model(Gemma2Config config, Depth depth) {
    return new Gemma2Model<>(
        config, OpChoice.of(new BlockwiseAttention(OptionalInt.of(5))), TFloat32.class, depth);
  }

  /** The golden model with so many layers, sliding and full in turn. */
  private static Gemma2Config config(int layers) {
    return Golden.config(
        "ckpt_f32",
        json -> {
          ArrayNode types = json.put("num_hidden_layers", layers).putArray("layer_types");
          for (int i = 0; i < layers; i++) {
            types.add(i % 2 == 0 ? "sliding_attention" : "full_attention");
          }
        });
  }

  private static Set<String> names(List<Parameter> parameters) {
    return parameters.stream().map(Parameter::name).collect(Collectors.toSet());
  }

  private static Set<String> moments(Set<String> weights) {
    Set<String> moments = new HashSet<>();
    for (String weight : weights) {
      moments.add(TrainStep.expAvg(weight));
      moments.add(TrainStep.expAvgSq(weight));
    }
    return moments;
  }

  private static Set<String> states(GraphFunction function, StateRole role) {
    return function.state().stream()
        .filter(input -> input.role().equals(Optional.of(role)))
        .map(input -> input.spec().name())
        .collect(Collectors.toSet());
  }
}
