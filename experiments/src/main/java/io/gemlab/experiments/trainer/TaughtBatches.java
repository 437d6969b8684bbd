package io.gemlab.experiments.trainer;

import io.gemlab.experiments.distill.CompletedRows;
import io.gemlab.experiments.distill.ModelTraits;
import io.gemlab.experiments.distill.OnlineTeacher;
import io.gemlab.experiments.distill.TeacherIdentity;
import io.gemlab.experiments.train.Resumable;
import io.gemlab.experiments.train.TrainingInput;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.decode.Generator;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.trace.MemoryNeed;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;

/**
 * Rows of prompts and completions, each batch scored by a teacher as it comes. A teacher that
 * neither scores, since labels are all of the loss, nor writes completions isn't loaded.
 */
final class TaughtBatches implements BatchSource {
  private final TrainRecipe recipe;
  private final DistillSource.Model source;
  private final Gemma2Model<?> model;
  private final CompletedRows rows;
  private final TeacherIdentity identity;
  private final boolean scores;
  private OnlineTeacher teacher;

  private TaughtBatches(
      TrainRecipe recipe,
      DistillSource.Model source,
      Gemma2Model<?> model,
      CompletedRows rows,
      TeacherIdentity identity,
      boolean scores) {
    this.recipe = recipe;
    this.source = source;
    this.model = model;
    this.rows = rows;
    this.identity = identity;
    this.scores = scores;
  }

  /**
   * @throws InvalidInput if the student can't learn of this teacher
   */
  static TaughtBatches of(
      TrainRecipe recipe, DistillSpec spec, DistillSource.Model source, TrainingInput input) {
    ModelTraits.of(source.path())
        .requireSame(source.path().toString(), recipe.traits(), spec.allowed());
    Gemma2Model<?> model = recipe.teacher(source);
    ModelTraits.requireContext(source.path(), model.config(), recipe.data().length());
    Set<Integer> ends = new HashSet<>(recipe.model().config().tokens().eos());
    input.summary().answerEnd().ifPresent(ends::add);
    return new TaughtBatches(
        recipe,
        source,
        model,
        new CompletedRows(
            recipe.batches(input.training()),
            source.completions(),
            ends,
            recipe.model().config().tokens().pad()),
        OnlineTeacher.identity(source.path()),
        spec.takesExpectations());
  }

  private boolean isNeeded() {
    return scores || source.completions().byTeacher() > 0;
  }

  @Override
  public LongFunction<List<LabelledBatch>> batches(Executable student, Generator writer) {
    if (isNeeded()) {
      teacher = OnlineTeacher.load(source.path(), model, recipe.microBatch(), recipe.path().path());
    }
    if (scores) teacher.lendHead(model, student);
    return step ->
        rows.at(step, writer, () -> teacher.generator()).cut(recipe.accumulation()).stream()
            .map(batch -> scores ? teacher.taught(batch) : batch)
            .toList();
  }

  @Override
  public List<Resumable> parts() {
    return List.of(identity);
  }

  @Override
  public Optional<String> teacher() {
    return Optional.of("%s (SHA-256 %s), online".formatted(source.path(), identity.sha256()));
  }

  @Override
  public MemoryNeed need() {
    return isNeeded() ? OnlineTeacher.need(model, recipe.microBatch()) : BatchSource.super.need();
  }

  @Override
  public void close() {
    if (teacher != null) teacher.close();
  }
}
