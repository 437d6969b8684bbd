package io.gemlab.graph.weights;

import io.gemlab.graph.base.adapter.AdapterFolder;
import io.gemlab.graph.base.adapter.Lora;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.checkpoint.Float32Stream;
import io.gemlab.graph.base.checkpoint.Float32Tensor;
import io.gemlab.graph.base.checkpoint.FloatConversion;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.checkpoint.HfCheckpointWriter;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Parameter;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.gemma2.StateWeight;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.graph.quantize.Quantizer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ContinuousUniformSampler;
import org.apache.commons.rng.sampling.distribution.GaussianSampler;
import org.apache.commons.rng.sampling.distribution.SharedStateContinuousSampler;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.apache.commons.rng.simple.RandomSource;

/** A model's weights on their way in and out of an {@link Executable}, one tensor at a time. */
public final class ModelWeights {
  /**
   * The standard deviation of fresh weights: {@code initializer_range} in Hugging Face's Gemma 2.
   */
  public static final double INITIALIZER_RANGE = 0.02;

  private ModelWeights() {}

  /**
   * Assigns a checkpoint's weights: converted where they are stored in another type, quantized as
   * they are read where the model's are.
   *
   * @param parameters of the functions that the executable runs
   * @throws InvalidInput if the checkpoint has not exactly the model's weights, one of them is not
   *     finite, as stored or in the type that is kept, or they can't be quantized so
   */
  public static void load(
      HfCheckpoint checkpoint,
      Parameters parameters,
      Executable executable,
      LoadProgress progress) {
    checkpoint.requireExactly(parameters.checkpointShapes());
    assign(parameters.own(), executable, stored(checkpoint), progress);
  }

  /**
   * Assigns those of a checkpoint's weights that are not trained, as {@link #load} does.
   *
   * @throws InvalidInput as {@link #load}
   */
  public static void loadFrozen(
      HfCheckpoint checkpoint,
      Parameters parameters,
      Executable executable,
      LoadProgress progress) {
    checkpoint.requireExactly(parameters.checkpointShapes());
    assign(parameters.frozen(), executable, stored(checkpoint), progress);
  }

  /**
   * Assigns a checkpoint's weights, all kept in one type.
   *
   * @param storageType the type the executable's functions keep in what is not quantized
   */
  public static void load(
      HfCheckpoint checkpoint,
      Gemma2Model<?> model,
      Executable executable,
      ElementType storageType,
      LoadProgress progress) {
    load(checkpoint, Parameters.of(model, storageType), executable, progress);
  }

  /** Assigns a checkpoint's weights, and tells nobody how far it is. */
  public static void load(
      HfCheckpoint checkpoint,
      Gemma2Model<?> model,
      Executable executable,
      ElementType storageType) {
    load(checkpoint, model, executable, storageType, LoadProgress.IGNORED);
  }

  /** Where a weight's elements come from; what is made for it lies in the arena. */
  private interface Source {
    /** Its values as float32. */
    Float32Tensor float32(WeightSpec weight, Arena arena);

    /** All of them, in the type that is storageType. */
    MemorySegment tensor(WeightSpec weight, ElementType storageType, Arena arena);
  }

  private static Source stored(HfCheckpoint checkpoint) {
    return new Source() {
      @Override
      public Float32Tensor float32(WeightSpec weight, Arena arena) {
        requireFinite(checkpoint, weight);
        return checkpoint.float32(weight.name());
      }

      @Override
      public MemorySegment tensor(WeightSpec weight, ElementType storageType, Arena arena) {
        requireFinite(checkpoint, weight);
        if (checkpoint.tensors().get(weight.name()).type() == storageType) {
          return checkpoint.segment(weight.name());
        }
        MemorySegment wide = arena.allocate(weight.shape().elements() * Float.BYTES, 64);
        checkpoint.readFloat32(weight.name(), wide);
        MemorySegment converted = narrowed(wide, storageType, arena);
        requireInRange(checkpoint, weight, storageType, converted);
        return converted;
      }
    };
  }

  private static void requireFinite(HfCheckpoint checkpoint, WeightSpec weight) {
    ElementType type = checkpoint.tensors().get(weight.name()).type();
    new HostTensor(type, weight.shape(), checkpoint.segment(weight.name()), () -> {})
        .notFinite()
        .ifPresent(
            what -> {
              throw new InvalidInput(
                  "%s: %s holds %s, which no computation can use: write or fetch the checkpoint again"
                      .formatted(checkpoint.folder(), weight.name(), what));
            });
  }

  private static void requireInRange(
      HfCheckpoint checkpoint,
      WeightSpec weight,
      ElementType storageType,
      MemorySegment converted) {
    new HostTensor(storageType, weight.shape(), converted, () -> {})
        .notFinite()
        .ifPresent(
            what -> {
              throw new InvalidInput(
                  "%s: %s is too large for %s at %s; give a wider --dtype"
                      .formatted(
                          checkpoint.folder(),
                          weight.name(),
                          storageType.label(),
                          what.coordinates()));
            });
  }

  private static void assign(
      List<Parameter> parameters, Executable executable, Source source, LoadProgress progress) {
    long all =
        parameters.stream().mapToLong(parameter -> parameter.weight().shape().elements()).sum();
    long done = 0;
    progress.loaded(done, all);
    for (Parameter parameter : parameters) {
      StateWeight state = parameter.weight();
      WeightSpec first = state.first();
      ElementType storageType = parameter.storageType();
      try (Arena arena = Arena.ofShared()) {
        if (parameter.quantization() == Quantization.NONE) {
          MemorySegment data =
              state.weights().size() == 1
                  ? source.tensor(first, storageType, arena)
                  : stacked(state, storageType, source, arena);
          executable.assign(
              state.name(), new HostTensor(storageType, state.shape(), data, () -> {}));
        } else {
          Quantizer.quantize(
                  parameter.quantization(),
                  first.name(),
                  first.shape(),
                  source.float32(first, arena),
                  arena)
              .forEach(part -> executable.assign(part.spec().name(), part.value()));
        }
      }
      done += state.shape().elements();
      progress.loaded(done, all);
    }
  }

  private static MemorySegment stacked(
      StateWeight state, ElementType storageType, Source source, Arena arena) {
    MemorySegment stack = arena.allocate(state.shape().elements() * storageType.byteSize(), 64);
    long offset = 0;
    for (WeightSpec weight : state.weights()) {
      try (Arena one = Arena.ofConfined()) {
        MemorySegment data = source.tensor(weight, storageType, one);
        MemorySegment.copy(data, 0, stack, offset, data.byteSize());
        offset += data.byteSize();
      }
    }
    return stack;
  }

  private static MemorySegment narrowed(
      MemorySegment float32, ElementType storageType, Arena arena) {
    if (storageType == ElementType.F32) return float32;
    MemorySegment narrow =
        arena.allocate(float32.byteSize() / Float.BYTES * storageType.byteSize(), 64);
    FloatConversion.fromFloat32(storageType, float32, narrow);
    return narrow;
  }

  /**
   * Assigns fresh weights: norms 0, all else normal with standard deviation {@link
   * #INITIALIZER_RANGE}.
   *
   * <p>A tensor's values depend on the seed and on its name alone, so two models that share a seed
   * share every weight that both have: what a paired comparison needs.
   *
   * @param parameters of the functions that the executable runs
   */
  public static void initialize(Parameters parameters, long seed, Executable executable) {
    initialize(parameters, seed, INITIALIZER_RANGE, executable);
  }

  /**
   * Assigns fresh weights of another standard deviation.
   *
   * @param deviation above 0
   */
  public static void initialize(
      Parameters parameters, long seed, double deviation, Executable executable) {
    assign(parameters.all(), executable, fresh(seed, deviation), LoadProgress.IGNORED);
  }

  /**
   * Assigns fresh weights, all kept in one type.
   *
   * @param storageType the type the executable's functions keep in what is not quantized
   */
  public static void initialize(
      Gemma2Model<?> model, long seed, Executable executable, ElementType storageType) {
    initialize(Parameters.of(model, storageType), seed, executable);
  }

  private static Source fresh(long seed, double deviation) {
    return new Source() {
      @Override
      public Float32Tensor float32(WeightSpec weight, Arena arena) {
        return Float32Tensor.of(fresh(weight, seed, deviation, arena).data());
      }

      @Override
      public MemorySegment tensor(WeightSpec weight, ElementType storageType, Arena arena) {
        return narrowed(fresh(weight, seed, deviation, arena).data(), storageType, arena);
      }
    };
  }

  /**
   * Assigns a fresh adapter as PEFT begins one: A uniform in 1 / sqrt(in) either way, which is
   * {@code kaiming_uniform_(a=sqrt(5))}, and B 0, so that the model is at first what it was.
   *
   * @param parameters of the functions that the executable runs
   */
  public static void initializeAdapter(Parameters parameters, long seed, Executable executable) {
    assign(parameters.adapter(), executable, fresh(seed, INITIALIZER_RANGE), LoadProgress.IGNORED);
  }

  /**
   * Assigns an adapter's weights.
   *
   * @param parameters of the functions that the executable runs
   * @throws InvalidInput if it has not exactly the weights that the model's adapter has
   */
  public static void loadAdapter(
      AdapterFolder adapter, Parameters parameters, Executable executable) {
    adapter.requireExactly(
        parameters.adapter().stream()
            .flatMap(parameter -> parameter.weight().weights().stream())
            .collect(Collectors.toMap(WeightSpec::name, WeightSpec::shape)));
    assign(parameters.adapter(), executable, stored(adapter), LoadProgress.IGNORED);
  }

  private static Source stored(AdapterFolder adapter) {
    return new Source() {
      @Override
      public Float32Tensor float32(WeightSpec weight, Arena arena) {
        return adapter.float32(weight.name());
      }

      @Override
      public MemorySegment tensor(WeightSpec weight, ElementType storageType, Arena arena) {
        MemorySegment wide = arena.allocate(weight.shape().elements() * Float.BYTES, 64);
        adapter.float32(weight.name()).read(0, wide);
        return narrowed(wide, storageType, arena);
      }
    };
  }

  /**
   * Writes an adapter as PEFT has it, in float32.
   *
   * @param states the pieces of a state by its name, each read when it is written
   * @param parameters which there are
   * @param baseModel the model that it was trained from, a folder or a name
   * @throws InvalidInput if {@code folder} holds anything
   */
  public static void saveAdapter(
      Function<String, List<TensorPiece>> states,
      Parameters parameters,
      Lora lora,
      String baseModel,
      Path folder) {
    AdapterFolder.write(
        folder, lora, baseModel, asStored(states, parameters.adapter(), ElementType.F32));
  }

  /** A weight's fresh values, float32, in the arena's memory. */
  public static HostTensor fresh(WeightSpec weight, long seed, Arena arena) {
    return fresh(weight, seed, INITIALIZER_RANGE, arena);
  }

  private static HostTensor fresh(WeightSpec weight, long seed, double deviation, Arena arena) {
    HostTensor tensor = HostTensor.zeros(ElementType.F32, weight.shape(), arena);
    fresh(weight, seed, deviation).next(tensor.data());
    return tensor;
  }

  /** A weight's fresh values, drawn as they are read. */
  public static Float32Stream fresh(WeightSpec weight, long seed) {
    return fresh(weight, seed, INITIALIZER_RANGE);
  }

  private static Float32Stream fresh(WeightSpec weight, long seed, double deviation) {
    UniformRandomProvider random =
        RandomSource.XO_RO_SHI_RO_128_PP.create(new long[] {seed, nameHash(weight.name())});
    return switch (weight.kind()) {
      case NORM, LORA_B -> target -> target.fill((byte) 0);
      case EMBEDDING, ATTENTION, MLP ->
          drawn(GaussianSampler.of(ZigguratSampler.NormalizedGaussian.of(random), 0, deviation));
      case LORA_A -> {
        double bound = 1 / Math.sqrt(weight.shape().dimensions().getLast());
        yield drawn(ContinuousUniformSampler.of(random, -bound, bound));
      }
    };
  }

  private static Float32Stream drawn(SharedStateContinuousSampler numbers) {
    return target -> {
      for (long i = 0; i < target.byteSize() / Float.BYTES; i++) {
        target.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) numbers.sample());
      }
    };
  }

  private static long nameHash(String name) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }

  /**
   * Writes an executable's weights as a Hugging Face folder.
   *
   * @param parameters of the functions that it runs
   * @param stored F32, BF16 or F16
   * @param files what lies beside the weights
   * @throws InvalidInput if {@code folder} holds anything, or weights are quantized
   */
  public static void save(
      Executable executable,
      Parameters parameters,
      ElementType stored,
      CheckpointFiles files,
      Path folder) {
    save(executable::pieces, parameters, stored, files, folder);
  }

  /**
   * Writes weights as a Hugging Face folder.
   *
   * @param states the pieces of a state by its name, each read when it is written
   * @param parameters which there are, and the states that they are kept as
   * @param stored F32, BF16 or F16
   * @param files what lies beside the weights
   * @throws InvalidInput if {@code folder} holds anything, or weights are quantized
   */
  public static void save(
      Function<String, List<TensorPiece>> states,
      Parameters parameters,
      ElementType stored,
      CheckpointFiles files,
      Path folder) {
    for (Parameter parameter : parameters.own()) {
      if (parameter.quantization() != Quantization.NONE) {
        throw new InvalidInput(
            "%s is %s, and a checkpoint holds floating-point weights; save the model unquantized"
                .formatted(parameter.name(), parameter.quantization().label()));
      }
    }
    HfCheckpointWriter.write(
        folder, files, asStored(states, parameters.own(), stored), HfCheckpointWriter.SHARD_BYTES);
  }

  /** Weights as files hold them, those that are stacked taken out of their stacks. */
  private static List<TensorToWrite> asStored(
      Function<String, List<TensorPiece>> states, List<Parameter> parameters, ElementType stored) {
    List<TensorToWrite> tensors = new ArrayList<>();
    for (Parameter parameter : parameters) {
      StateWeight state = parameter.weight();
      List<TensorPiece> pieces = states.apply(state.name());
      List<TensorSpec> specs =
          state.weights().stream()
              .map(weight -> new TensorSpec(weight.name(), stored, weight.shape()))
              .toList();
      if (state.isStack()) tensors.addAll(TensorToWrite.unstacked(specs, pieces));
      else tensors.add(TensorToWrite.of(specs.getFirst(), pieces));
    }
    return tensors;
  }

  /** Writes an executable's float32 weights as a Hugging Face folder. */
  public static void save(
      Executable executable,
      Gemma2Model<?> model,
      ElementType stored,
      CheckpointFiles files,
      Path folder) {
    save(executable, Parameters.of(model, ElementType.F32), stored, files, folder);
  }
}
