package io.gemlab.experiments.conformance;

import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.batch.TokenFile;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.checkpoint.Float32Tensor;
import io.gemlab.graph.base.checkpoint.HfCheckpointWriter;
import io.gemlab.graph.base.checkpoint.SafetensorsWriter;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.ConfigJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A probe as files that any runtime reads: a Hugging Face checkpoint, {@code ids.json}, and in
 * {@code expected.safetensors} the logits of the reference and of the mistakes it tells.
 *
 * @param folder where they are
 */
record VectorFiles(Path folder) {
  /** The tensor of what is right; those of mistakes have their label behind it. */
  static final String LOGITS = "logits";

  /** Writes them to a folder of the probe's name in {@code parent}. */
  static VectorFiles write(Path parent, Expectation expectation) throws IOException {
    Probe probe = expectation.probe();
    Path folder = parent.resolve(probe.label());
    List<TensorToWrite> weights =
        WeightSpec.of(probe.config()).stream()
            .map(spec -> tensor(spec.name(), spec.shape(), probe.weights().values(spec)))
            .toList();
    HfCheckpointWriter.write(
        folder, CheckpointFiles.of(ConfigJson.write(probe.config())), weights, Long.MAX_VALUE);
    TokenFile.write(folder.resolve("ids.json"), probe.batch());
    SafetensorsWriter.write(
        folder.resolve("expected.safetensors"), expected(expectation), Map.of());
    return new VectorFiles(folder);
  }

  /** The shape of a probe's logits. */
  static TensorShape shape(Probe probe) {
    TokenBatch batch = probe.batch();
    return TensorShape.of(batch.rows(), batch.length(), probe.config().vocabSize());
  }

  private static List<TensorToWrite> expected(Expectation expectation) {
    List<TensorToWrite> tensors = new ArrayList<>();
    TensorShape shape = shape(expectation.probe());
    tensors.add(tensor(LOGITS, shape, expectation.logits(Behaviour.CONFORMS).values()));
    for (Behaviour mistake : expectation.toldFrom(Behaviour.CONFORMS)) {
      tensors.add(
          tensor(LOGITS + "." + mistake.label(), shape, expectation.logits(mistake).values()));
    }
    return tensors;
  }

  private static TensorToWrite tensor(String name, TensorShape shape, float[] values) {
    return new TensorToWrite(
        name,
        ElementType.F32,
        shape,
        Float32Tensor.of(HostTensor.of(values, values.length).data()).stream());
  }
}
