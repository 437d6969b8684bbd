package io.gemlab.experiments.program;

import io.gemlab.graph.path.ExecutedNodes;
import io.gemlab.graph.path.Profile;
import io.gemlab.graph.trace.MatmulFlops;
import java.util.Set;

/**
 * What kind of work a node of a profile did. oneDNN's kernels ({@code _MklMatMul}) count as the op
 * they stand in for.
 */
enum NodeKind {
  MATRIX_PRODUCT("matrix products"),
  BATCHED_PRODUCT("batched products"),
  XLA_PROGRAM("XLA programs"),
  ELEMENT_WISE("element-wise, softmax and reductions"),
  CAST_OR_COPY("casts and copies"),
  LOOKUP("lookups and scatters"),
  STATE("reading and writing state"),
  OTHER("other");

  private static final Set<String> MATRIX = Set.of("MatMul", "FusedMatMul");

  /** Beside those that {@link MatmulFlops} counts. */
  private static final Set<String> BATCHED = Set.of("FusedBatchMatMulV2", "Einsum");

  private static final Set<String> XLA =
      Set.of("_XlaRun", "XlaLaunch", "XlaLaunchV2", "PartitionedCall");
  private static final Set<String> MOVES =
      Set.of(
          "Cast",
          "Transpose",
          "ConjugateTranspose",
          "Reshape",
          "ConcatV2",
          "Pack",
          "Unpack",
          "Slice",
          "StridedSlice",
          "StridedSliceGrad",
          "Split",
          "SplitV",
          "Pad",
          "PadV2",
          "Tile",
          "BroadcastTo",
          "Fill",
          "ZerosLike",
          "OnesLike",
          "Identity",
          "IdentityN",
          "DeepCopy",
          "Snapshot",
          "ExpandDims",
          "Squeeze",
          "ToTf",
          "InputConversion",
          "EnsureShape");
  private static final Set<String> LOOKUPS =
      Set.of(
          "Gather",
          "GatherV2",
          "GatherNd",
          "ScatterNd",
          "TensorScatterUpdate",
          "UnsortedSegmentSum",
          "ResourceGather");

  /** What computes a shape or chooses a branch, beside {@link ExecutedNodes#isPlumbing}. */
  private static final Set<String> CONTROL =
      Set.of(
          "_XlaCompile",
          "_XlaMerge",
          "Switch",
          "Merge",
          "Shape",
          "ShapeN",
          "Size",
          "Rank",
          "Range",
          "BroadcastGradientArgs",
          "ConcatOffset",
          "InvertPermutation");

  private final String label;

  NodeKind(String label) {
    this.label = label;
  }

  /** The name in a report. */
  String label() {
    return label;
  }

  static NodeKind of(Profile.Node node) {
    String op = node.op();
    if (XLA.contains(op)) return XLA_PROGRAM;
    if (ExecutedNodes.isPlumbing(op) || CONTROL.contains(op)) return OTHER;
    if (ExecutedNodes.isState(op) || op.equals("VarIsInitializedOp")) return STATE;
    String plain = withoutLibrary(op);
    if (MATRIX.contains(plain)) return MATRIX_PRODUCT;
    if (MatmulFlops.isBatchedProduct(plain) || BATCHED.contains(plain)) return BATCHED_PRODUCT;
    if (MOVES.contains(plain)) return CAST_OR_COPY;
    if (LOOKUPS.contains(plain)) return LOOKUP;
    // What is left of a model's ops computes element by element or along an axis.
    return op.startsWith("_") && plain.equals(op) ? OTHER : ELEMENT_WISE;
  }

  /** {@code MatMul} for {@code _MklMatMul}, {@code _MklNativeMatMul} and {@code _FusedMatMul}. */
  private static String withoutLibrary(String op) {
    for (String prefix : new String[] {"_MklNative", "_Mkl"}) {
      if (op.startsWith(prefix)) return op.substring(prefix.length());
    }
    return op.startsWith("_Fused") ? op.substring(1) : op;
  }
}
