package io.gemlab.experiments.distill.study;

import io.gemlab.experiments.distill.CompletedRows;
import io.gemlab.experiments.distill.CompletionSpec;
import io.gemlab.experiments.distill.OnlineTeacher;
import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.experiments.recipe.RowsSpec;
import io.gemlab.experiments.train.TrainingInput;
import io.gemlab.experiments.train.Validation;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.text.ShuffledBatches;
import io.gemlab.graph.decode.Generator;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.train.Distillation;
import io.gemlab.graph.train.DivergenceLoss;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.loss.Temperature;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.tensorflow.types.TFloat32;

/** Scores students on what they write themselves after prompts that no model was trained on. */
final class OnPolicyScores implements AutoCloseable {
  private static final String KL = "kl";
  private static final String NEXT_TOKEN = "next_token";
  private static final int ROWS = 64;
  private static final int BATCHES = 4;
  private static final int SEQUENCES = 512;
  private static final double REVERSE = 1;

  private final Gemma2Model<TFloat32> model;
  private final Executable executable;
  private final Generator generator;
  private final OnlineTeacher teacher;
  private final TrainingInput input;
  private final CompletedRows prompts;
  private final List<LabelledBatch> validation;

  /**
   * A student's.
   *
   * @param kl KL(student || teacher) at the tokens that the student wrote, nats a token
   * @param loss of validation text, nats a token
   */
  record Score(double kl, double loss) {}

  OnPolicyScores(Gemma2Config student, Path teacher) {
    OpChoice ops = OpChoice.of(new EagerAttention());
    BatchShape batch = new BatchShape(ROWS, OnlineStudy.LENGTH);
    Gemma2Model<TFloat32> scoring =
        new Gemma2Model<>(Gemma2Presets.config("tiny"), ops, TFloat32.class);
    DivergenceLoss<TFloat32> reverse =
        new DivergenceLoss<>(1, scoring, REVERSE, new Distillation(Temperature.ONE, false, 0));
    this.model = new Gemma2Model<>(student, ops, TFloat32.class);
    this.executable =
        new GraphPath()
            .load(
                List.of(
                    new TrainStep<>(model, batch, reverse).traceLoss(KL),
                    new TrainStep<>(model, batch, new NextTokenLoss()).traceLoss(NEXT_TOKEN)));
    this.generator = new Generator(model, executable);
    this.teacher = OnlineTeacher.load(teacher, scoring, batch, new GraphPath());
    this.teacher.lendHead(scoring, executable);
    this.input =
        TrainingInput.open(
            new DataSpec("built-in", "bytes", ROWS, OnlineStudy.LENGTH),
            new RowsSpec(RowsSpec.Rows.RUN, 1, Optional.empty()),
            Teachers.VALIDATION,
            student);
    this.prompts =
        new CompletedRows(
            new ShuffledBatches(input.validation(), ROWS, 1),
            new CompletionSpec(1, false, 1, OnlineStudy.LENGTH, OnlineStudy.PROMPT, 1),
            new HashSet<>(student.tokens().eos()),
            student.tokens().pad());
    this.validation = Validation.evenlySpaced(input.validation(), SEQUENCES, ROWS);
  }

  /** Scores a checkpoint, always after the same prompts and by the same seeds. */
  Score of(Path folder) {
    try (HfCheckpoint weights = HfCheckpoint.open(folder)) {
      ModelWeights.load(weights, model, executable, ElementType.F32);
    }
    Sum kl = new Sum();
    for (int batch = 0; batch < BATCHES; batch++) {
      kl.add(KL, teacher.taught(prompts.at(batch, generator, () -> generator)));
    }
    Sum loss = new Sum();
    for (LabelledBatch batch : validation) loss.add(NEXT_TOKEN, batch);
    return new Score(kl.mean(), loss.mean());
  }

  private final class Sum {
    private double sum;
    private long tokens;

    void add(String function, LabelledBatch batch) {
      try (Results results = executable.run(function, batch.arguments())) {
        sum += results.get(TrainStep.LOSS_SUM).item();
        tokens += results.get(TrainStep.TOKENS).ints()[0];
      }
    }

    double mean() {
      return sum / tokens;
    }
  }

  @Override
  public void close() {
    generator.close();
    teacher.close();
    executable.close();
    input.close();
  }
}
