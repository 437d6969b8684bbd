package io.gemlab.graph.path.kernel;

import io.gemlab.graph.path.KernelUse;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.GraphFunction.KernelPlace;
import io.gemlab.graph.trace.NeededNodes;
import io.gemlab.graph.trace.NodeInput;
import io.gemlab.ops.Kernel;
import io.gemlab.ops.choice.Support;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/** Kernels of ours: whether this process has them, and functions that use them. */
public final class Kernels {
  /** What their ops' names in graphs begin with. */
  static final String PREFIX = "Gemlab";

  /** Floats in the smallest vector that the kernels work with. */
  private static final int FEWEST_LANES = 4;

  private static final Support SUPPORT = find();

  private Kernels() {}

  private static boolean isKernelOp(String op) {
    return op.startsWith(PREFIX);
  }

  /** Whether an op of this name in a graph is a kernel that multiplies by a matrix. */
  public static boolean isProduct(String op) {
    return isKernelOp(op) && op.contains("Product");
  }

  /** Whether this process has them. */
  public static Support support() {
    return SUPPORT;
  }

  /** Whether this process has this one. */
  public static Support support(Kernel kernel) {
    return multipliesByDnnl(kernel) && SUPPORT instanceof Support.Supported
        ? DnnlLibrary.support()
        : SUPPORT;
  }

  private static Support find() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return Support.no(
          "the Java virtual machine has no vector module",
          "start it with --add-modules jdk.incubator.vector");
    }
    return Lanes.COUNT < FEWEST_LANES
        ? Support.no(
            "this machine's vectors hold " + Lanes.COUNT + " floats",
            "leave products to TensorFlow")
        : Support.yes();
  }

  /**
   * A function with a kernel at each of its places that one is there for, and without the nodes
   * that no output needs any more. An output may come from another node, and state of another name
   * ({@link #packedFrom}) has the place of a matrix that is packed. A place whose kernel needs a
   * packed matrix is TensorFlow's where that isn't, and doesn't count, nor does one within a value
   * that another kernel computes as a whole.
   *
   * <p>An optimizer that is one kernel may write weights a second time, in bfloat16, for products
   * to read: state of yet another name ({@link #copiedFrom}), which is an update too.
   *
   * <p>A kernel that writes in place runs when every other output is there, and so after all that
   * reads the state.
   *
   * @param available which kernels may be put in, such as {@link #support(Kernel)}
   * @param packing whether the session packs matrices
   */
  public static Put putInto(
      GraphFunction function, Function<Kernel, Support> available, Packing packing) {
    PackedStates packed = new PackedStates(function, packing);
    List<KernelPlace> places = new ArrayList<>();
    List<Support.Unsupported> refusals = new ArrayList<>();
    for (KernelPlace place : function.kernelPlaces()) {
      if (available.apply(place.kernel()) instanceof Support.Unsupported refusal) {
        refusals.add(refusal);
      } else if (packed.packs(place) || !mustBePacked(place.kernel())) {
        places.add(place);
      }
    }
    if (places.isEmpty()) return new Put(function, KernelUse.of(0, refusals));
    GraphFunction put = putInto(function, places, packed);
    Set<String> names = new HashSet<>();
    put.graph().getNodeList().forEach(node -> names.add(node.getName()));
    long used = places.stream().filter(place -> names.contains(place.name())).count();
    return new Put(put, KernelUse.of(Math.toIntExact(used), refusals));
  }

  /**
   * What became of a function.
   *
   * @param function with the kernels
   * @param use how many there are
   */
  public record Put(GraphFunction function, KernelUse use) {}

  private static boolean multipliesByDnnl(Kernel kernel) {
    return switch (kernel) {
      case TILED_ATTENTION,
          TILED_ATTENTION_GRADIENT,
          INT8_UNPACKED_PRODUCT,
          INT4_UNPACKED_PRODUCT ->
          true;
      default -> mustBePacked(kernel) && PackedStates.layout(kernel) == PackedLayout.ONEDNN;
    };
  }

  private static boolean mustBePacked(Kernel kernel) {
    return switch (kernel) {
      case PACKED_PRODUCT, W8A8_PRODUCT, W4A8_PRODUCT -> true;
      default -> false;
    };
  }

  private static GraphFunction putInto(
      GraphFunction function, List<KernelPlace> places, PackedStates packed) {
    Bfloat16Copies copies = new Bfloat16Copies(function, places);
    Map<String, NodeInput> kernels = new HashMap<>();
    Map<String, NodeDef> nodes = new LinkedHashMap<>();
    for (NodeDef node : function.graph().getNodeList()) nodes.put(node.getName(), node);
    for (KernelPlace place : places) {
      for (int i = 0; i < place.values().size(); i++) {
        kernels.put(place.values().get(i), new NodeInput(place.name(), i, false));
      }
      for (NodeDef node : place.feeding()) nodes.put(node.getName(), node);
      nodes.put(place.name(), kernel(place, packed, copies, nodes));
    }
    packed.placeholders().forEach(node -> nodes.put(node.getName(), node));
    for (GraphFunction.Input copy : copies.state()) {
      nodes.put(copy.node(), PackedStates.placeholder(copy));
    }
    kernels.putAll(copies.casts());
    nodes.replaceAll((name, node) -> reading(node, kernels));

    List<GraphFunction.Output> results = outputs(function.results(), kernels);
    List<GraphFunction.Output> updates = new ArrayList<>(outputs(function.updates(), kernels));
    for (KernelPlace place : places) {
      if (!place.kernel().inPlace()) continue;
      updates.addAll(copies.updates(place));
      nodes.computeIfPresent(
          place.name(),
          (name, kernel) -> last(kernel, Stream.concat(results.stream(), updates.stream())));
    }
    Set<String> read =
        NeededNodes.of(
            nodes,
            Stream.concat(results.stream(), updates.stream())
                .map(GraphFunction.Output::node)
                .toList());
    List<GraphFunction.Input> state = new ArrayList<>(packed.state(function.state(), read));
    state.addAll(copies.state());
    Set<String> needed = new HashSet<>(read);
    Stream.concat(state.stream(), function.arguments().stream())
        .forEach(input -> needed.add(input.node()));
    GraphDef.Builder graph = function.graph().toBuilder().clearNode();
    nodes.values().stream().filter(node -> needed.contains(node.getName())).forEach(graph::addNode);
    return new GraphFunction(
        function.name(),
        graph.build(),
        state,
        function.arguments(),
        results,
        updates,
        function.loops(),
        List.of());
  }

  /** The state that a function's state is packed from; empty where it isn't packed. */
  public static Optional<String> packedFrom(String state) {
    return PackedStates.source(state);
  }

  /** The state that a function's state is a copy of in bfloat16; empty where it is none. */
  public static Optional<String> copiedFrom(String state) {
    return Bfloat16Copies.source(state);
  }

  /**
   * A node that packs a matrix for kernels.
   *
   * @param state the packed matrix's name as state, which says the layout
   * @param values the node that has the matrix, [O, I]
   * @param type float32, bfloat16, or uint8 for 8-bit integers
   */
  public static NodeDef pack(String name, String state, String values, DataType type) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp(PackOp.pack(PackedLayout.of(state).orElseThrow()).type())
        .addInput(values)
        .putAttr("T", AttrValue.newBuilder().setType(type).build())
        .build();
  }

  /**
   * A node that does the reverse of {@link #pack}.
   *
   * @param state the packed matrix's name as state
   * @param packed the node that has the packed matrix
   * @param like the node of an empty tensor of the matrix's type, [0, I]
   */
  public static NodeDef unpack(
      String name, String state, String packed, String like, DataType type) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp(PackOp.unpack(PackedLayout.of(state).orElseThrow()).type())
        .addInput(packed)
        .addInput(like)
        .putAttr("T", AttrValue.newBuilder().setType(type).build())
        .build();
  }

  private static NodeDef kernel(
      KernelPlace place, PackedStates packed, Bfloat16Copies copies, Map<String, NodeDef> nodes) {
    boolean packs = packed.packs(place);
    List<NodeInput> operands = new ArrayList<>(place.operands());
    NodeDef.Builder kernel =
        NodeDef.newBuilder()
            .setName(place.name())
            .setOp(packs ? packedOp(place.kernel()) : op(place.kernel()));
    switch (place.kernel()) {
      case PRODUCT,
          PACKED_PRODUCT,
          INT8_PRODUCT,
          INT4_PRODUCT,
          INT8_UNPACKED_PRODUCT,
          INT4_UNPACKED_PRODUCT,
          W8A8_PRODUCT,
          W4A8_PRODUCT,
          ATTENTION,
          TILED_ATTENTION,
          TILED_ATTENTION_GRADIENT,
          ROTATION,
          RMS_NORM,
          RMS_NORM_GRADIENT,
          LOG_SUM_EXP,
          CROSS_ENTROPY_GRADIENT ->
          kernel.putAttr("T", AttrValue.newBuilder().setType(place.type()).build());
      case SQUARES -> kernel.putAttr("T", unwidened(operands, nodes));
      case ADAMW -> {
        int n = place.values().size() / AdamWOp.STATES;
        int gradients = AdamWOp.STATES * n;
        kernel.putAttr("N", AttrValue.newBuilder().setI(n).build());
        kernel.putAttr("T", unwidened(operands.subList(gradients, gradients + n), nodes));
        kernel.putAttr("C", types(copies.types(place)));
        operands.addAll(copies.operands(place));
      }
    }
    for (int i = 0; i < operands.size(); i++) {
      NodeInput operand = operands.get(i);
      boolean isPacked = packs && PackedStates.operands(place.kernel()).contains(i);
      kernel.addInput(
          isPacked
              ? packed.node(operand, PackedStates.layout(place.kernel()))
              : operand.toString());
    }
    return kernel.build();
  }

  /**
   * Has a kernel read gradients as they were before they were cast from bfloat16 to float32, which
   * it does itself.
   *
   * @param gradients float32; afterwards what is to be read of each
   * @param nodes the function's
   * @return their types
   */
  private static AttrValue unwidened(List<NodeInput> gradients, Map<String, NodeDef> nodes) {
    List<DataType> types = new ArrayList<>();
    gradients.replaceAll(
        gradient -> {
          NodeDef node = nodes.get(gradient.node());
          boolean widens =
              node.getOp().equals("Cast")
                  && node.getAttrOrThrow("SrcT").getType() == DataType.DT_BFLOAT16;
          types.add(widens ? DataType.DT_BFLOAT16 : DataType.DT_FLOAT);
          return widens ? NodeInput.of(node).getFirst() : gradient;
        });
    return types(types);
  }

  private static AttrValue types(List<DataType> types) {
    return AttrValue.newBuilder()
        .setList(AttrValue.ListValue.newBuilder().addAllType(types))
        .build();
  }

  /** A kernel that waits for all outputs that are not its own. */
  private static NodeDef last(NodeDef kernel, Stream<GraphFunction.Output> outputs) {
    NodeDef.Builder last = kernel.toBuilder();
    outputs
        .map(GraphFunction.Output::node)
        .filter(node -> !node.equals(kernel.getName()))
        .distinct()
        .forEach(node -> last.addInput(new NodeInput(node, 0, true).toString()));
    return last.build();
  }

  /** Whether an op of this name writes the state that it is given, so that nobody else has to. */
  public static boolean writesState(String op) {
    return isKernelOp(op) && op.equals(AdamWOp.type()); // whose class needs vectors
  }

  /** The op of a kernel that reads its matrix packed, made known to TensorFlow. */
  private static String packedOp(Kernel kernel) {
    return switch (kernel) {
      case W8A8_PRODUCT -> W8A8ProductOp.type();
      case W4A8_PRODUCT -> W4A8ProductOp.type();
      default -> PackedProductOp.type();
    };
  }

  /** The kernel's op, made known to TensorFlow. */
  private static String op(Kernel kernel) {
    return switch (kernel) {
      case PRODUCT -> RowProductOp.BFLOAT16.type();
      case INT8_PRODUCT -> RowProductOp.INT8.type();
      case INT4_PRODUCT -> RowProductOp.INT4.type();
      case INT8_UNPACKED_PRODUCT -> UnpackedProductOp.INT8.type();
      case INT4_UNPACKED_PRODUCT -> UnpackedProductOp.INT4.type();
      case PACKED_PRODUCT, W8A8_PRODUCT, W4A8_PRODUCT -> packedOp(kernel);
      case ATTENTION -> RowAttentionOp.type();
      case TILED_ATTENTION -> TiledAttentionOp.type();
      case TILED_ATTENTION_GRADIENT -> TiledAttentionGradientOp.type();
      case ROTATION -> RotationOp.type();
      case RMS_NORM -> RmsNormOp.type();
      case LOG_SUM_EXP -> CrossEntropyOp.type();
      case CROSS_ENTROPY_GRADIENT -> CrossEntropyOp.gradientType();
      case RMS_NORM_GRADIENT -> RmsNormOp.gradientType();
      case SQUARES -> SquaresOp.type();
      case ADAMW -> AdamWOp.type();
    };
  }

  /** A node that reads kernels where it read the values that they compute. */
  private static NodeDef reading(NodeDef node, Map<String, NodeInput> kernels) {
    NodeDef.Builder reader = node.toBuilder().clearInput();
    for (NodeInput input : NodeInput.of(node)) {
      NodeInput from = kernels.getOrDefault(input.node(), input);
      reader.addInput(new NodeInput(from.node(), from.index(), input.control()).toString());
    }
    return reader.build();
  }

  private static List<GraphFunction.Output> outputs(
      List<GraphFunction.Output> outputs, Map<String, NodeInput> kernels) {
    List<GraphFunction.Output> replaced = new ArrayList<>();
    for (GraphFunction.Output output : outputs) {
      NodeInput from =
          kernels.getOrDefault(output.node(), new NodeInput(output.node(), output.index(), false));
      replaced.add(new GraphFunction.Output(output.spec(), from.node(), from.index()));
    }
    return replaced;
  }
}
