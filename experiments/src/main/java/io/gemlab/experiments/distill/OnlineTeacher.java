package io.gemlab.experiments.distill;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.checkpoint.CheckpointKind;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.decode.Generator;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.graph.train.DivergenceLoss;
import io.gemlab.graph.train.TeacherHiddenPass;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.graph.weights.LoadProgress;
import io.gemlab.graph.weights.ModelWeights;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A teacher that scores the batches of a run as they come. Its layers run in programs of their own;
 * the student's step holds its head, so that no scores over the vocabulary cross.
 */
public final class OnlineTeacher implements AutoCloseable {
  private static final String FUNCTION = "teacher_hidden";

  private final Executable executable;
  private final Generator generator;

  private OnlineTeacher(Executable executable, Generator generator) {
    this.executable = executable;
    this.generator = generator;
  }

  /** The function that it runs for each batch. */
  private static GraphFunction function(Gemma2Model<?> model, TrainingLoss.BatchShape batch) {
    return new TeacherHiddenPass<>(model, batch).trace(FUNCTION);
  }

  /** What it needs beside a student. */
  public static MemoryNeed need(Gemma2Model<?> model, TrainingLoss.BatchShape batch) {
    return MemoryNeed.of(function(model, batch));
  }

  /** Whose weights they are. */
  public static TeacherIdentity identity(Path checkpoint) {
    return new TeacherIdentity(
        checkpoint.toString(),
        Sha256.of(
            Sha256.byName(checkpoint, CheckpointKind.requireReadable(checkpoint).modelFiles())
                .toString()));
  }

  /**
   * Loads it.
   *
   * @param batch the size of the batches that it will score
   */
  public static OnlineTeacher load(
      Path checkpoint, Gemma2Model<?> model, TrainingLoss.BatchShape batch, ExecutionPath path) {
    Executable executable = path.load(List.of(function(model, batch)));
    boolean ready = false;
    try (HfCheckpoint weights = HfCheckpoint.open(checkpoint)) {
      ModelWeights.load(
          weights, model, executable, Tensors.elementType(model.type()), LoadProgress.IGNORED);
      ready = true;
      return new OnlineTeacher(executable, new Generator(model, executable));
    } finally {
      if (!ready) executable.close();
    }
  }

  /** Hands its head to a student's step. */
  public void lendHead(Gemma2Model<?> model, Executable student) {
    DivergenceLoss.lendHead(model, executable, student);
  }

  /** The same rows with what {@link DivergenceLoss} takes of the teacher. */
  public LabelledBatch taught(LabelledBatch batch) {
    try (Results results = executable.run(FUNCTION, batch.tokens().arguments())) {
      HostTensor hidden = results.get(DivergenceLoss.HIDDEN);
      HostTensor kept = HostTensor.zeros(hidden.type(), hidden.shape());
      MemorySegment.copy(hidden.data(), 0, kept.data(), 0, hidden.data().byteSize());
      return new LabelledBatch(batch.tokens(), batch.labels(), Map.of(DivergenceLoss.HIDDEN, kept));
    }
  }

  /** What writes completions by it. */
  public Generator generator() {
    return generator;
  }

  @Override
  public void close() {
    generator.close();
    executable.close();
  }
}
