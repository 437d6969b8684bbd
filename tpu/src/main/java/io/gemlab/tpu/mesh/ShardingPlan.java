package io.gemlab.tpu.mesh;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Config;
import io.gemlab.graph.gemma2.LayerWeight;
import io.gemlab.graph.gemma2.StateWeight;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.generate.DecodeStep;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.ParameterTrail;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.OpSharding;
import io.gemlab.tpu.hlo.proto.ProgramShapeProto;
import io.gemlab.tpu.hlo.proto.ShapeProto;
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
  private final int rows;
  private final TensorShape embeddingShape;
  private final Map<String, TensorSharding> state = new HashMap<>();

  /** Each weight's, or that of each weight in a stack. */
  private final Map<String, TensorSharding> matrices = new HashMap<>();

  private ShardingPlan(Gemma2Config config, Depth.Layers layers, Mesh mesh, int rows) {
    this.mesh = mesh;
    this.rows = rows;
    this.embeddingShape = WeightSpec.shapes(config).get(WeightSpec.EMBEDDING);
    Map<String, TensorSharding> weights = new HashMap<>();
    weights.put(WeightSpec.EMBEDDING, matrix(Axis.MODEL, Axis.FSDP));
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      for (LayerWeight weight : LayerWeight.values()) {
        weights.put(weight.in(layer), of(weight));
      }
    }
    for (StateWeight held : StateWeight.of(config, layers)) {
      TensorSharding one = weights.getOrDefault(held.first().name(), TensorSharding.replicated(1));
      boolean isStack = held.shape().rank() > held.first().shape().rank();
      TensorSharding sharding = isStack ? one.stacked() : one;
      TensorSharding moments = moments(sharding, held.shape(), isStack ? 1 : 0);
      matrices.put(held.name(), one);
      state.put(held.name(), sharding);
      state.put(TrainStep.expAvg(held.name()), moments);
      state.put(TrainStep.expAvgSq(held.name()), moments);
    }
  }

  /**
   * Plans a model on a mesh.
   *
   * @param layers how the programs hold the layers' weights
   * @param rows rows of the batch
   * @param devices how many there are
   * @throws InvalidInput if the mesh has not as many devices or cuts something unevenly; it names
   *     the axis and the nearest mesh that works
   */
  public static ShardingPlan of(
      Gemma2Config config, Depth.Layers layers, Mesh mesh, int rows, int devices) {
    require(config, mesh, OptionalInt.of(rows), devices);
    return new ShardingPlan(config, layers, mesh, rows);
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

  private static TensorSharding matrix(Axis outputs, Axis inputs) {
    return new TensorSharding(List.of(List.of(outputs), List.of(inputs)));
  }

  /** Projections are stored [out, in]. */
  private static TensorSharding of(LayerWeight weight) {
    return switch (weight) {
      case Q_PROJ, K_PROJ, V_PROJ, GATE_PROJ, UP_PROJ -> matrix(Axis.MODEL, Axis.FSDP);
      case O_PROJ, DOWN_PROJ -> matrix(Axis.FSDP, Axis.MODEL);
      case INPUT_LAYERNORM,
          POST_ATTENTION_LAYERNORM,
          PRE_FEEDFORWARD_LAYERNORM,
          POST_FEEDFORWARD_LAYERNORM,
          Q_NORM,
          K_NORM ->
          TensorSharding.replicated(1);
    };
  }

  private TensorSharding moments(TensorSharding weight, TensorShape shape, int first) {
    for (int dimension = first; dimension < shape.rank(); dimension++) {
      TensorSharding cut = weight.cut(dimension, Axis.DATA);
      if (cut.divides(mesh, shape)) return cut;
    }
    return weight;
  }

  public Mesh mesh() {
    return mesh;
  }

  /**
   * How an input or output is cut: the state by its name, what else has a row a sequence by that.
   */
  public TensorSharding of(TensorSpec tensor) {
    return of(tensor.name(), tensor.shape());
  }

  private TensorSharding of(String name, TensorShape shape) {
    TensorSharding known = state.get(name);
    if (known != null) return known;
    int rank = shape.rank();
    TensorSharding sharding = TensorSharding.replicated(rank);
    if (rank == 0 || shape.dimensions().getFirst() != rows) return sharding;
    for (Axis axis : BATCH) sharding = sharding.cut(0, axis);
    if (name.startsWith(DecodeStep.CACHE)) return sharding.cut(1, Axis.MODEL); // [B, K, S, H]
    if (name.equals(ForwardPass.LOGITS)) return sharding.cut(rank - 1, Axis.MODEL);
    return sharding;
  }

  /** Bytes that each device holds of each parameter of a function's exported program, by number. */
  public List<Long> parameterBytes(HloModule exported) {
    List<Long> whole = exported.parameterBytes();
    List<Long> held = new ArrayList<>();
    for (int i = 0; i < whole.size(); i++) {
      TensorShape shape = new TensorShape(exported.parameters().get(i).getDimensionsList());
      held.add(whole.get(i) / of(exported.parameterNames().get(i), shape).pieces(mesh));
    }
    return held;
  }

  /**
   * Annotates a function's program with the plan.
   *
   * @param module what {@link io.gemlab.tpu.hlo.HloExporter} made of {@code function}
   */
  public HloModule annotate(GraphFunction function, HloModule module) {
    HloModule whole = module.withWholeWrites();
    ParameterTrail weights = ParameterTrail.of(whole);
    return whole
        .withPinned(
            (value, user) ->
                embeddingGradient(value)
                    .or(() -> gathered(value, user, weights, whole.parameterNames())))
        .withShardings(
            function.inputs().stream().map(input -> proto(input.spec())).toList(),
            function.outputs().stream().map(output -> proto(output.spec())).toList());
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
    return is ? Optional.of(state.get(WeightSpec.EMBEDDING).proto(mesh)) : Optional.empty();
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
        .map(matrices::get)
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
    return difference(
            function.inputs().stream().map(GraphFunction.Input::spec), shape.getParametersList())
        .or(
            () ->
                difference(
                    function.outputs().stream().map(GraphFunction.Output::spec),
                    result.getTupleShapesCount() == 0
                        ? List.of(result)
                        : result.getTupleShapesList()));
  }

  private Optional<String> difference(Stream<TensorSpec> planned, List<ShapeProto> compiled) {
    Iterator<ShapeProto> shapes = compiled.iterator();
    return planned
        .map(
            tensor -> {
              TensorShape piece = of(tensor).piece(mesh, tensor.shape());
              List<Long> held = shapes.hasNext() ? shapes.next().getDimensionsList() : List.of();
              return held.equals(piece.dimensions())
                  ? ""
                  : "a device holds %s of %s and the plan for mesh %s says %s"
                      .formatted(held, tensor, mesh, piece.dimensions());
            })
        .filter(line -> !line.isEmpty())
        .findFirst();
  }

  private OpSharding proto(TensorSpec tensor) {
    return of(tensor).proto(mesh);
  }
}
