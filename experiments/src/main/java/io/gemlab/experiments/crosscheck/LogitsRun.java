package io.gemlab.experiments.crosscheck;

import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.batch.TokenFile;
import io.gemlab.graph.base.checkpoint.Float32Tensor;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.checkpoint.SafetensorsWriter;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.choice.Deviation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The logits of a checkpoint, written to a file.
 *
 * @param checkpoint a Hugging Face folder
 * @param ids an {@link TokenFile}
 * @param choice how to run it
 * @param returns whether hidden states are written too
 */
public record LogitsRun(
    Path checkpoint, Path ids, ModelChoice choice, ForwardPass.Returns returns) {
  private static final String FUNCTION = "forward";

  /**
   * What ran.
   *
   * @param batch the tokens
   * @param execution what the path made of the graph
   * @param deviation what ran otherwise than the checkpoint asks
   */
  public record Outcome(
      TokenBatch batch, ExecutionReport execution, Optional<Deviation> deviation) {}

  /**
   * Runs the forward pass and writes its results, float32, to a safetensors file.
   *
   * @throws io.gemlab.graph.base.input.NotFiniteException if one holds NaN or infinity; nothing is
   *     written
   */
  public Outcome write(Path file, RunListener listener) {
    try (HfCheckpoint weights = HfCheckpoint.open(checkpoint)) {
      Gemma2Model<?> model = choice.model(weights);
      TokenBatch batch = TokenFile.read(ids, model.config().vocabSize());
      model.config().caution(batch.length()).ifPresent(listener::caution);
      GraphFunction forward =
          new ForwardPass<>(model, batch.rows(), batch.length()).trace(FUNCTION, returns);
      try (Executable executable = choice.options().path().load(List.of(forward))) {
        ElementType storageType = Tensors.elementType(model.type());
        ModelWeights.load(weights, model, executable, storageType, listener);
        try (Results results = executable.run(FUNCTION, batch.arguments())) {
          results.requireFinite();
          write(file, results);
        }
        return new Outcome(batch, executable.report(FUNCTION), model.deviation());
      }
    }
  }

  static void write(Path file, Results results) {
    List<TensorToWrite> tensors =
        results.tensors().entrySet().stream()
            .map(
                result ->
                    new TensorToWrite(
                        result.getKey(),
                        ElementType.F32,
                        result.getValue().shape(),
                        Float32Tensor.of(result.getValue().data()).stream()))
            .toList();
    SafetensorsWriter.write(file, tensors, Map.of());
  }
}
