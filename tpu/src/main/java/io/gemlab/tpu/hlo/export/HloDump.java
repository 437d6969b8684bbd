package io.gemlab.tpu.hlo.export;

import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.runtime.NativeRuntime;
import io.gemlab.graph.runtime.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.GraphOptions;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OptimizerOptions;
import org.tensorflow.proto.RewriterConfig;
import org.tensorflow.proto.TensorShapeProto;

/**
 * What {@link HloExporter}'s child process runs: one call of a graph, so that XLA compiles it and
 * dumps what it was given.
 *
 * <p>Feeds are tensors that nothing writes: the system gives them no memory, so that a model may be
 * larger than the machine. Grappler is off: it would spend minutes and gigabytes on what XLA does
 * again.
 */
final class HloDump {
  private HloDump() {}

  /**
   * Its last line tells what went wrong, where something did.
   *
   * @param arguments the GraphDef's file, and the node to call
   */
  public static void main(String[] arguments) {
    JavaProcess.endWithParent();
    NativeRuntime.ensure();
    try {
      call(GraphDef.parseFrom(Files.readAllBytes(Path.of(arguments[0]))), arguments[1]);
    } catch (IOException | RuntimeException e) {
      System.out.println(String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
      System.exit(1);
    }
  }

  private static void call(GraphDef definition, String node) {
    try (Graph graph = new Graph()) {
      graph.importGraphDef(definition);
      try (Session session = new Session(graph, withoutOptimizers())) {
        Session.Runner runner = session.runner().addTarget(node);
        for (NodeDef input : definition.getNodeList()) {
          if (input.getOp().equals("Placeholder"))
            runner.feed(input.getName(), 0, untouched(input));
        }
        runner.run();
      }
    }
  }

  /** Never closed: the process ends first. */
  private static Tensor untouched(NodeDef placeholder) {
    long[] shape =
        placeholder.getAttrOrThrow("shape").getShape().getDimList().stream()
            .mapToLong(TensorShapeProto.Dim::getSize)
            .toArray();
    return Tensor.of(
        Tensors.type(Tensors.elementType(placeholder.getAttrOrThrow("dtype").getType())),
        Tensors.shape(TensorShape.of(shape)));
  }

  private static ConfigProto withoutOptimizers() {
    return ConfigProto.newBuilder()
        .setGraphOptions(
            GraphOptions.newBuilder()
                .setOptimizerOptions(
                    OptimizerOptions.newBuilder().setOptLevel(OptimizerOptions.Level.L0))
                .setRewriteOptions(RewriterConfig.newBuilder().setDisableMetaOptimizer(true)))
        .build();
  }
}
