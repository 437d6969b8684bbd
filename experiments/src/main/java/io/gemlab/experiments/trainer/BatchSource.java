package io.gemlab.experiments.trainer;

import io.gemlab.experiments.distill.TeacherFile;
import io.gemlab.experiments.train.Resumable;
import io.gemlab.experiments.train.TrainingInput;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.ShuffledBatches;
import io.gemlab.graph.base.text.TrainingRows;
import io.gemlab.graph.decode.Generator;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.trace.MemoryNeed;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/** Where the batches of a run's steps come from: its data, and whoever teaches. */
interface BatchSource extends AutoCloseable {
  /**
   * Opens a recipe's.
   *
   * @param input its data, closed by whoever opened it
   * @throws InvalidInput if a teacher can't be used for this data or this model
   */
  static BatchSource open(TrainRecipe recipe, TrainingInput input) {
    if (recipe.distill().isEmpty()) return new Plain(recipe, recipe.batches(input.training()));
    DistillSpec spec = recipe.distill().get();
    return switch (spec.source()) {
      case DistillSource.Records records -> {
        TeacherFile file = spec.open(records, recipe.traits());
        boolean ready = false;
        try {
          TrainingRows taught = file.teach(input.training());
          TrainingRows rows = spec.takesExpectations() ? taught : input.training();
          Recorded source = new Recorded(new Plain(recipe, recipe.batches(rows)), file);
          ready = true;
          yield source;
        } finally {
          if (!ready) file.close();
        }
      }
      case DistillSource.Model model -> TaughtBatches.of(recipe, spec, model, input);
    };
  }

  /**
   * The micro-batches of a step, counted from 0, by the step alone and the student's weights.
   *
   * @param student holds these weights; closed by whoever loaded it
   * @param writer generates by them
   */
  LongFunction<List<LabelledBatch>> batches(Executable student, Generator writer);

  /** What a run that goes on has to have again. */
  default List<Resumable> parts() {
    return List.of();
  }

  /** Who teaches, for people; empty where nobody does. */
  default Optional<String> teacher() {
    return Optional.empty();
  }

  /** The memory that it needs beside the student's step. */
  default MemoryNeed need() {
    return new MemoryNeed(0, 0, 0);
  }

  @Override
  default void close() {}

  /** The data as it is. */
  record Plain(TrainRecipe recipe, ShuffledBatches rows) implements BatchSource {
    @Override
    public LongFunction<List<LabelledBatch>> batches(Executable student, Generator writer) {
      return step -> rows.microBatches(step, recipe.accumulation());
    }
  }

  /** The data with what a teacher said once of each position. */
  record Recorded(Plain taught, TeacherFile file) implements BatchSource {
    @Override
    public LongFunction<List<LabelledBatch>> batches(Executable student, Generator writer) {
      return taught.batches(student, writer);
    }

    @Override
    public List<Resumable> parts() {
      return List.of(file.identity());
    }

    @Override
    public Optional<String> teacher() {
      return Optional.of(file.described());
    }

    @Override
    public void close() {
      file.close();
    }
  }
}
