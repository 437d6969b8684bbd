package io.gemlab.tpu.mesh;

import io.gemlab.graph.base.adapter.LoraFactor;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.LayerWeight;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.OpSharding;
import io.gemlab.tpu.hlo.proto.ProgramShapeProto;
import io.gemlab.tpu.hlo.proto.ShapeProto;
import io.gemlab.tpu.hlo.rewrite.FlatWrites;
import io.gemlab.tpu.hlo.rewrite.ParameterTrail;
import io.gemlab.tpu.mesh.Mesh.Axis;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How Gemma 2 is cut over a mesh.
 *
 * <ul>
 *   <li><b>model</b> cuts queries' and key-value heads, the MLP's columns and then its rows, and
 *       the vocabulary, so that a layer communicates twice: a sum after o_proj and after down_proj.
 *   <li><b>fsdp</b> cuts the other dimension of each matrix, which is gathered where it is used.
 *   <li><b>data</b> cuts the optimizer's moments besides (ZeRO stage 1), along the first dimension
 *       that it divides; moments that it divides along none stay whole on it.
 *   <li><b>data</b> and <b>fsdp</b> cut the batch.
 * </ul>
 *
 * Norms and scalars are on every device.
 *
 * @see <a href="https://arxiv.org/abs/2105.04663">GSPMD</a>
 * @see <a href="https://arxiv.org/abs/1910.02054">ZeRO</a>
 */
public final class ShardingPlan {
  private static final List<Axis> BATCH = List.of(Axis.DATA, Axis.FSDP);

  /** What multiplies by a matrix, or looks up its rows. */
  private static final Set<String> MATRIX_USERS = Set.of("dot", "gather");

  private final Mesh mesh;
  private final OptionalInt rows;
  private final TensorShape embeddingShape;

  private ShardingPlan(Gemma2Config config, Mesh mesh, OptionalInt rows) {
    this.mesh = mesh;
    this.rows = rows;
    this.embeddingShape = WeightSpec.shapes(config).get(WeightSpec.EMBEDDING);
  }

  /**
   * Plans a model's programs on a mesh.
   *
   * @param rows rows of the batch; empty for a program that has none
   * @param devices how many there are
   * @throws InvalidInput if the mesh has not as many devices or cuts something unevenly; it names
   *     the axis and the nearest mesh that works
   */
  public static ShardingPlan of(Gemma2Config config, Mesh mesh, OptionalInt rows, int devices) {
    require(config, mesh, rows, devices);
    return new ShardingPlan(config, mesh, rows);
  }

  /**
   * The mesh for who asks for none: all devices on the data axis, or the nearest to that which
   * works.
   *
   * @throws InvalidInput if none works
   */
  public static Mesh mesh(Gemma2Config config, int rows, int devices) {
    return new MeshFit(config, OptionalInt.of(rows)).mesh(new Mesh(devices, 1, 1));
  }

  /**
   * Refuses a mesh that a model can't be cut over.
   *
   * @param rows rows of the batch; empty where they follow the mesh
   * @throws InvalidInput as {@link #of} does
   */
  public static void require(Gemma2Config config, Mesh mesh, OptionalInt rows, int devices) {
    new MeshFit(config, rows).require(mesh, devices);
  }

  /**
   * All meshes of so many devices that the model and a batch can be cut over.
   *
   * @param rows rows of the batch; empty where they follow the mesh
   */
  public static List<Mesh> meshes(Gemma2Config config, OptionalInt rows, int devices) {
    return new MeshFit(config, rows).all(devices);
  }

  /**
   * Each weight, and each in a stack of it; empty for what is none that the plan knows. Projections
   * are stored [out, in].
   */
  private static Optional<TensorSharding> single(String weight) {
    if (weight.equals(WeightSpec.EMBEDDING)) return Optional.of(matrix(Axis.MODEL, Axis.FSDP));
    if (weight.equals(WeightSpec.FINAL_NORM)) return Optional.of(TensorSharding.replicated(1));
    if (LoraFactor.named(weight).isPresent()) return Optional.of(TensorSharding.replicated(2));
    return LayerWeight.named(weight)
        .map(
            kind ->
                switch (kind) {
                  case Q_PROJ, K_PROJ, V_PROJ, GATE_PROJ, UP_PROJ -> matrix(Axis.MODEL, Axis.FSDP);
                  case O_PROJ, DOWN_PROJ -> matrix(Axis.FSDP, Axis.MODEL);
                  case INPUT_LAYERNORM,
                      POST_ATTENTION_LAYERNORM,
                      PRE_FEEDFORWARD_LAYERNORM,
                      POST_FEEDFORWARD_LAYERNORM,
                      Q_NORM,
                      K_NORM ->
                      TensorSharding.replicated(1);
                });
  }

  private static TensorSharding matrix(Axis outputs, Axis inputs) {
    return new TensorSharding(List.of(List.of(outputs), List.of(inputs)));
  }

  /** Whether there is a plan for all of a function's weights; for quantized ones there is none. */
  public static boolean covers(GraphFunction function) {
    return function.state().stream()
        .filter(input -> input.role().equals(Optional.of(StateRole.WEIGHT)))
        .allMatch(input -> single(input.spec().name()).isPresent());
  }

  private static Optional<TensorSharding> weight(String name, TensorShape shape) {
    return single(name).map(one -> isStack(one, shape) ? one.stacked() : one);
  }

  private static boolean isStack(TensorSharding one, TensorShape shape) {
    return shape.rank() > one.dimensions().size();
  }

  private TensorSharding moment(TensorSpec tensor) {
    String name = TrainStep.weightOf(tensor.name());
    TensorSharding weight = planned(name, tensor.shape());
    int first = isStack(single(name).orElseThrow(), tensor.shape()) ? 1 : 0;
    for (int dimension = first; dimension < tensor.shape().rank(); dimension++) {
      TensorSharding cut = weight.cut(dimension, Axis.DATA);
      if (cut.divides(mesh, tensor.shape())) return cut;
    }
    return weight;
  }

  public Mesh mesh() {
    return mesh;
  }

  /**
   * How an input is cut: weights, and what the optimizer keeps of each, by the matrix they belong
   * to, the cache by rows and heads, an argument by the rows of the batch. Adapters, what belongs
   * to a teacher, and the step are whole on every device.
   *
   * @throws IllegalArgumentException if it is a weight that the plan doesn't know, or its moment
   */
  public TensorSharding of(GraphFunction.Input input) {
    TensorSpec tensor = input.spec();
    if (input.role().isEmpty()) return batch(tensor.shape());
    return switch (input.role().get()) {
      case WEIGHT -> planned(tensor.name(), tensor.shape());
      case EMA, GRADIENT -> planned(TrainStep.weightOf(tensor.name()), tensor.shape());
      case MOMENT -> moment(tensor);
      case CACHE -> batch(tensor.shape()).cut(1, Axis.MODEL); // [B, K, S, H]
      case TOKEN -> batch(tensor.shape()); // [B]
      case ADAPTER, TEACHER, STEP, LOSS_SCALE -> TensorSharding.replicated(tensor.shape().rank());
    };
  }

  /** How a result is cut: a gradient as its weight, what else has a row a sequence by that. */
  public TensorSharding ofResult(TensorSpec result) {
    Optional<TensorSharding> weight = weight(result.name(), result.shape());
    if (weight.isPresent()) return weight.get();
    TensorSharding sharding = batch(result.shape());
    boolean isLogits = result.name().equals(ForwardPass.LOGITS);
    return isLogits ? sharding.cut(result.shape().rank() - 1, Axis.MODEL) : sharding;
  }

  private static TensorSharding planned(String weight, TensorShape shape) {
    return weight(weight, shape)
        .orElseThrow(
            () -> new IllegalArgumentException("no plan for weight %s%s".formatted(weight, shape)));
  }

  /** Rows of the batch, where the first dimension has them. */
  private TensorSharding batch(TensorShape shape) {
    TensorSharding sharding = TensorSharding.replicated(shape.rank());
    if (rows.isEmpty() || shape.rank() == 0) return sharding;
    if (shape.dimensions().getFirst() != rows.getAsInt()) return sharding;
    for (Axis axis : BATCH) sharding = sharding.cut(0, axis);
    return sharding;
  }

  /** A function's inputs or outputs, in order, each with how it is cut. */
  private record Cut(TensorSpec tensor, TensorSharding sharding) {}

  private List<Cut> inputs(GraphFunction function) {
    return function.inputs().stream().map(input -> new Cut(input.spec(), of(input))).toList();
  }

  private List<Cut> outputs(GraphFunction function) {
    Map<String, TensorSharding> states = new HashMap<>();
    function.state().forEach(input -> states.put(input.spec().name(), of(input)));
    return Stream.concat(
            function.results().stream()
                .map(result -> new Cut(result.spec(), ofResult(result.spec()))),
            function.updates().stream()
                .map(update -> new Cut(update.spec(), states.get(update.spec().name()))))
        .toList();
  }

  /** Bytes that each device holds of an input. */
  public long bytes(GraphFunction.Input input) {
    return input.spec().bytes() / of(input).pieces(mesh);
  }

  /** Bytes that each device holds of each parameter of a function's exported program, by number. */
  public List<Long> parameterBytes(GraphFunction function, HloModule exported) {
    List<Long> whole = exported.parameterBytes();
    List<Cut> inputs = inputs(function);
    List<Long> held = new ArrayList<>();
    for (int i = 0; i < whole.size(); i++) {
      held.add(whole.get(i) / inputs.get(i).sharding().pieces(mesh));
    }
    return held;
  }

  /**
   * Annotates a function's program with the plan.
   *
   * @param module what {@link io.gemlab.tpu.hlo.export.HloExporter} made of {@code function}
   */
  public HloModule annotate(GraphFunction function, HloModule module) {
    HloModule whole = FlatWrites.unflattened(module);
    ParameterTrail weights = ParameterTrail.of(whole);
    return whole
        .withPinned(
            (value, user) ->
                embeddingGradient(value)
                    .or(() -> gathered(value, user, weights, whole.parameterNames())))
        .withShardings(protos(inputs(function)), protos(outputs(function)));
  }

  /**
   * The embedding's gradient, a scatter of every token's, is cut as the weight is: each device adds
   * up its own tokens' and sums are exchanged. A partitioner would cut it as the moments are, by
   * data too, and for that gather all tokens of all devices on each.
   */
  private Optional<OpSharding> embeddingGradient(HloInstructionProto value) {
    boolean is =
        value.getOpcode().equals("scatter")
            && value.getShape().getDimensionsList().equals(embeddingShape.dimensions());
    return is ? single(WeightSpec.EMBEDDING).map(cut -> cut.proto(mesh)) : Optional.empty();
  }

  /**
   * A matrix that fsdp cuts is put together where it is used. A partitioner would rather cut the
   * activations as the matrix is, and add up whole ones over all devices.
   */
  private Optional<OpSharding> gathered(
      HloInstructionProto value,
      HloInstructionProto user,
      ParameterTrail weights,
      List<String> names) {
    if (!MATRIX_USERS.contains(user.getOpcode())) return Optional.empty();
    return weights
        .parameter(value)
        .map(names::get)
        .flatMap(ShardingPlan::single)
        .filter(matrix -> matrix.isCut(mesh, Axis.FSDP))
        .filter(matrix -> matrix.dimensions().size() == value.getShape().getDimensionsCount())
        .map(matrix -> matrix.whole(Axis.FSDP).proto(mesh));
  }

  /**
   * What each device of a compiled program holds otherwise than planned, in a line; empty where all
   * is as planned.
   */
  public Optional<String> difference(GraphFunction function, HloModule compiled) {
    ProgramShapeProto shape = compiled.proto().getHostProgramShape();
    ShapeProto result = shape.getResult();
    return difference(inputs(function), shape.getParametersList())
        .or(
            () ->
                difference(
                    outputs(function),
                    result.getTupleShapesCount() == 0
                        ? List.of(result)
                        : result.getTupleShapesList()));
  }

  private Optional<String> difference(List<Cut> planned, List<ShapeProto> compiled) {
    Iterator<ShapeProto> shapes = compiled.iterator();
    return planned.stream()
        .map(
            cut -> {
              TensorSpec tensor = cut.tensor();
              TensorShape piece = cut.sharding().piece(mesh, tensor.shape());
              List<Long> held = shapes.hasNext() ? shapes.next().getDimensionsList() : List.of();
              return held.equals(piece.dimensions())
                  ? ""
                  : "a device holds %s of %s and the plan for mesh %s says %s"
                      .formatted(held, tensor, mesh, piece.dimensions());
            })
        .filter(line -> !line.isEmpty())
        .findFirst();
  }

  private List<OpSharding> protos(List<Cut> cuts) {
    return cuts.stream().map(cut -> cut.sharding().proto(mesh)).toList();
  }
}
