package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.graph.TestFiles;
import io.gemlab.graph.base.adapter.AdapterFolder;
import io.gemlab.graph.base.adapter.Lora;
import io.gemlab.graph.base.adapter.LoraFactor;
import io.gemlab.graph.base.adapter.MergedCheckpoint;
import io.gemlab.graph.base.adapter.SmallAdapter;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.Depth.Layers;
import io.gemlab.graph.gemma2.Depth.Remat;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.StepFunctions;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.graph.weights.LoadProgress;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.EagerAttention;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.types.TFloat32;

/** A model with an adapter is the model that merging gives, and only the adapter is trained. */
class AdaptedModelTest {
  private static final String BASE = "ckpt_f32";
  private static final Lora LORA = SmallAdapter.ALL;
  private static final Depth REMAT = new Depth(Layers.UNROLLED, Remat.LAYER);
  private static final Depth SCANNED = new Depth(Layers.SCANNED, Remat.LAYER);

  @TempDir static Path parent;

  private static Path adapter;
  private static Path merged;

  /** Of the merged model's weights, in float32. */
  private static Map<String, float[]> gradients;

  @BeforeAll
  static void merge() {
    adapter = SmallAdapter.write(LORA, parent.resolve("adapter"));
    merged = parent.resolve("merged");
    try (HfCheckpoint base = HfCheckpoint.open(TestFiles.golden(BASE));
        AdapterFolder factors = AdapterFolder.open(adapter)) {
      new MergedCheckpoint(base, factors, Optional.empty()).write(merged, _ -> {});
    }
    Gemma2Model<TFloat32> model = Golden.model(BASE);
    Parameters parameters = Parameters.trained(model);
    GraphFunction function = training(model, parameters).traceGradients("gradients");
    try (HfCheckpoint checkpoint = HfCheckpoint.open(merged);
        Executable executable = new EagerPath().load(List.of(function))) {
      ModelWeights.load(checkpoint, parameters, executable, LoadProgress.IGNORED);
      gradients = results(executable, "gradients", Golden.labelled("A"));
    }
  }

  static Stream<Arguments> combinations() {
    return Stream.concat(
        Golden.PATHS.stream().map(path -> Arguments.of(Depth.PLAIN, path)),
        Stream.of(REMAT, SCANNED).map(depth -> Arguments.of(depth, new EagerPath())));
  }

  /**
   * By the merged model's gradient: that of A is {@code scale * B^T dW}, that of B the other way.
   */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("combinations")
  void gradientsAreThoseOfTheProduct(Depth depth, ExecutionPath path) {
    Gemma2Model<TFloat32> model = model(depth, Quantization.NONE);
    Parameters parameters = parameters(model, ElementType.F32);
    GraphFunction function = training(model, parameters).traceGradients("gradients");
    Map<String, float[]> found = new HashMap<>();
    try (Executable executable = load(path, parameters, function)) {
      Map<String, float[]> stacks = results(executable, "gradients", Golden.labelled("A"));
      for (Parameter trained : parameters.trained()) {
        found.putAll(DepthTest.parts(trained.weight(), stacks.get(trained.name())));
      }
    }
    Map<String, float[]> factors = SmallAdapter.values(LORA);
    assertEquals(factors.keySet(), found.keySet());
    factors.forEach(
        (name, _) -> DepthTest.assertClose(name, expected(name, factors), found.get(name), 5e-5));
  }

  private static float[] expected(String name, Map<String, float[]> factors) {
    LoraFactor factor = LoraFactor.named(name).orElseThrow();
    String weight = factor.weightOf(name);
    float[] dw = gradients.get(weight);
    float[] a = factors.get(LoraFactor.A.of(weight));
    float[] b = factors.get(LoraFactor.B.of(weight));
    int rank = LORA.rank();
    int in = a.length / rank;
    double[] sums = new double[factors.get(name).length];
    for (int at = 0; at < dw.length; at++) {
      for (int k = 0; k < rank; k++) {
        int ofA = k * in + at % in;
        int ofB = at / in * rank + k;
        switch (factor) {
          case A -> sums[ofA] += LORA.scale() * b[ofB] * dw[at];
          case B -> sums[ofB] += LORA.scale() * a[ofA] * dw[at];
        }
      }
    }
    float[] expected = new float[sums.length];
    for (int i = 0; i < sums.length; i++) expected[i] = (float) sums[i];
    return expected;
  }

  @Test
  void logitsAreTheMergedModels() {
    Gemma2Model<TFloat32> model = model(Depth.PLAIN, Quantization.NONE);
    GraphFunction adapted = forward(model);
    GraphFunction plain = forward(Golden.model(BASE));
    try (HfCheckpoint checkpoint = HfCheckpoint.open(merged);
        Executable one = load(new EagerPath(), Parameters.of(model, ElementType.F32), adapted);
        Executable other = new EagerPath().load(List.of(plain))) {
      ModelWeights.load(checkpoint, Golden.model(BASE), other, ElementType.F32);
      DepthTest.assertClose("logits", logits(other), logits(one), 1e-5);
    }
  }

  private static GraphFunction forward(Gemma2Model<TFloat32> model) {
    return new ForwardPass<>(model, Golden.batch("A").rows(), Golden.batch("A").length())
        .trace("forward", ForwardPass.Returns.LOGITS_ONLY);
  }

  private static float[] logits(Executable executable) {
    return results(executable, "forward", Golden.batch("A").arguments()).get(ForwardPass.LOGITS);
  }

  /** The base in any form: it stays bit for bit, and the loss falls. */
  @ParameterizedTest
  @CsvSource({"NONE, F32", "NONE, BF16", "INT8, F32", "INT4, F32"})
  void onlyTheAdapterIsTrained(Quantization quantization, ElementType frozen) {
    Gemma2Model<TFloat32> model = model(Depth.PLAIN, quantization);
    Parameters parameters = parameters(model, frozen);
    GraphFunction step =
        training(model, parameters)
            .trace(
                "step",
                new TrainStep.Optimizer(
                    new AdamW(0.9, 0.95, 1e-8, 0),
                    LearningRate.constant(1e-2),
                    OptionalDouble.empty()));
    List<String> trained = parameters.adapter().stream().map(Parameter::name).toList();
    assertEquals(trained, names(new StepFunctions.Whole(step).trained()));
    try (Executable executable = load(new EagerPath(), parameters, step)) {
      ModelWeights.initializeAdapter(parameters, 7, executable);
      TrainStep.resetOptimizer(step, executable);
      Map<String, byte[]> before = bytes(step, executable);
      List<Float> losses = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        losses.add(results(executable, "step", Golden.labelled("A")).get(TrainStep.LOSS)[0]);
      }
      assertFalse(losses.getLast() > losses.getFirst() - 0.1, losses.toString());
      TrainStep.requireFinite(step, executable);
      Map<String, byte[]> after = bytes(step, executable);
      for (GraphFunction.Input state : step.state()) {
        String name = state.spec().name();
        switch (state.role().orElseThrow()) {
          case WEIGHT -> assertArrayEquals(before.get(name), after.get(name), name);
          case ADAPTER, MOMENT, STEP ->
              assertFalse(Arrays.equals(before.get(name), after.get(name)), name);
          case EMA, GRADIENT, LOSS_SCALE, CACHE -> throw new AssertionError(name);
        }
      }
      long factors =
          step.state().stream()
              .filter(s -> s.role().equals(Optional.of(StateRole.ADAPTER)))
              .count();
      assertEquals(trained.size(), factors);
    }
  }

  /** At first the model is what it was: B is 0, and A as PEFT draws it. */
  @Test
  void aFreshAdapterChangesNothing() {
    Gemma2Model<TFloat32> model = model(Depth.PLAIN, Quantization.NONE);
    GraphFunction adapted = forward(model);
    Parameters parameters = Parameters.of(model, ElementType.F32);
    try (Executable executable = load(new EagerPath(), parameters, adapted)) {
      ModelWeights.initializeAdapter(parameters, 7, executable);
      DepthTest.assertClose("logits", Golden.tensors("A").get("logits"), logits(executable), 1e-4);
      try (HostTensor a = executable.read("model.layers.0.self_attn.q_proj.lora_A.weight")) {
        double bound = 1 / Math.sqrt(a.shape().dimensions().getLast());
        double largest = 0;
        for (float value : a.floats()) largest = Math.max(largest, Math.abs(value));
        assertEquals(bound, largest, 0.05 * bound);
      }
    }
  }

  /** Whatever the depth that it is trained with, one layer by itself in the file. */
  @ParameterizedTest
  @EnumSource(Layers.class)
  void whatIsLoadedIsSaved(Layers layers) {
    Gemma2Model<TFloat32> model = model(new Depth(layers, Remat.LAYER), Quantization.NONE);
    Parameters parameters = parameters(model, ElementType.F32);
    GraphFunction function = training(model, parameters).traceLoss("loss");
    Path saved = parent.resolve("saved-" + layers);
    try (Executable executable = load(new EagerPath(), parameters, function)) {
      ModelWeights.saveAdapter(executable::pieces, parameters, LORA, "base", saved);
    }
    for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
      assertEquals(-1, mismatch(adapter.resolve(file), saved.resolve(file)), file);
    }
  }

  private static long mismatch(Path one, Path other) {
    try {
      return Files.mismatch(one, other);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void anAdapterOfOtherTargetsIsNotLoaded() {
    Gemma2Model<TFloat32> model = Golden.model(BASE).with(new Lora(3, 5, List.of("q_proj")));
    try (AdapterFolder folder = AdapterFolder.open(adapter)) {
      assertThrows(
          InvalidInput.class,
          () -> ModelWeights.loadAdapter(folder, Parameters.of(model, ElementType.F32), null));
    }
  }

  private static Executable load(
      ExecutionPath path, Parameters parameters, GraphFunction function) {
    Executable executable = path.load(List.of(function));
    try (HfCheckpoint base = HfCheckpoint.open(TestFiles.golden(BASE));
        AdapterFolder factors = AdapterFolder.open(adapter)) {
      ModelWeights.load(base, parameters, executable, LoadProgress.IGNORED);
      ModelWeights.loadAdapter(factors, parameters, executable);
    }
    return executable;
  }

  private static Map<String, float[]> results(
      Executable executable, String function, Map<String, HostTensor> arguments) {
    Map<String, float[]> values = new HashMap<>();
    try (Results results = executable.run(function, arguments)) {
      results
          .tensors()
          .forEach(
              (name, value) -> {
                if (value.type() == ElementType.F32) values.put(name, value.floats());
              });
    }
    return values;
  }

  private static Map<String, byte[]> bytes(GraphFunction step, Executable executable) {
    Map<String, byte[]> bytes = new HashMap<>();
    for (GraphFunction.Input state : step.state()) {
      try (HostTensor value = executable.read(state.spec().name())) {
        bytes.put(state.spec().name(), value.data().toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return bytes;
  }

  private static List<String> names(List<TensorSpec> specs) {
    return specs.stream().map(TensorSpec::name).toList();
  }

  private static Parameters parameters(Gemma2Model<?> model, ElementType frozen) {
    return Parameters.of(model, Trainable.ADAPTER, ElementType.F32, frozen);
  }

  private static TrainStep<TFloat32> training(Gemma2Model<TFloat32> model, Parameters parameters) {
    return new TrainStep<>(
        model, parameters, new TrainingLoss.BatchShape(2, 24), new NextTokenLoss());
  }

  private static Gemma2Model<TFloat32> model(Depth depth, Quantization quantization) {
    return new Gemma2Model<>(
            Golden.config(BASE),
            OpChoice.of(new EagerAttention()),
            TFloat32.class,
            depth,
            quantization)
        .with(LORA);
  }
}
