package io.gemlab.ops.oracle;

import io.gemlab.ops.gradient.CustomGradient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TFloat32;

/**
 * A built graph run as the execution paths run it: with {@code BatchMatMulV2}, which has a kernel
 * for every precision, where TensorFlow Java builds {@code BatchMatMulV3}, which has none for
 * float16.
 */
final class FinishedGraph {
  private FinishedGraph() {}

  /** What a session gives, each fetched tensor row by row. */
  static List<double[]> run(
      Graph built, Map<Output<?>, Sample> feeds, List<Output<TFloat32>> fetches) {
    List<Tensor> fed = new ArrayList<>();
    try (Graph graph = new Graph()) {
      graph.importGraphDef(finish(built.toGraphDef()));
      try (Session session = new Session(graph)) {
        Session.Runner runner = session.runner();
        feeds.forEach(
            (output, sample) -> {
              fed.add(sample.tensor());
              runner.feed(output.op().name(), output.index(), fed.getLast());
            });
        for (Output<?> fetch : fetches) runner.fetch(fetch.op().name(), fetch.index());
        try (Result result = runner.run()) {
          List<double[]> fetched = new ArrayList<>();
          for (int i = 0; i < fetches.size(); i++) fetched.add(doubles((TFloat32) result.get(i)));
          return fetched;
        }
      }
    } finally {
      fed.forEach(Tensor::close);
    }
  }

  private static GraphDef finish(GraphDef built) {
    GraphDef.Builder finished = built.toBuilder().clearNode();
    for (NodeDef node : built.getNodeList()) {
      if (CustomGradient.isMarker(node.getOp(), node.getName()))
        CustomGradient.release(node.getName());
      finished.addNode(node.getOp().equals("BatchMatMulV3") ? productV2(node) : node);
    }
    return finished.build();
  }

  private static NodeDef productV2(NodeDef product) {
    return product.toBuilder()
        .setOp("BatchMatMulV2")
        .putAttr("T", product.getAttrOrThrow("Tout"))
        .removeAttr("Ta")
        .removeAttr("Tb")
        .removeAttr("Tout")
        .build();
  }

  private static double[] doubles(TFloat32 tensor) {
    FloatDataBuffer data = tensor.asRawTensor().data().asFloats();
    double[] values = new double[Math.toIntExact(data.size())];
    for (int i = 0; i < values.length; i++) values[i] = data.getFloat(i);
    return values;
  }
}
