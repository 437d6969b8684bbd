package io.gemlab.experiments.merge.study;

import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.experiments.recipe.RowsSpec;
import io.gemlab.experiments.train.TrainingInput;
import io.gemlab.experiments.train.Validation;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.attention.EagerAttention;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tensorflow.types.TFloat32;

/** Scores models by the side of the one that they were trained from. */
final class ModelScores implements AutoCloseable {
  private static final String FORWARD = "forward";
  private static final int ROWS = 16;
  private static final int SEQUENCES = 128;
  private static final double VALIDATION = 0.1;

  private final HfCheckpoint base;
  private final Gemma2Model<TFloat32> model;
  private final Executable executable;
  private final List<LabelledBatch> tuned;
  private final List<LabelledBatch> before;
  private final List<double[][]> baseTuned;

  /**
   * A model's.
   *
   * @param loss on validation text of what it was fine-tuned on, nats a token
   * @param kl of its predictions there from the base's, KL(model || base), nats a token
   * @param baseLoss on validation text of what the base was trained on, nats a token
   * @param distance of all weights from the base's, L2
   */
  record Score(double loss, double kl, double baseLoss, double distance) {}

  /**
   * @param base what models are compared with
   * @param corpus that they are fine-tuned on, as a recipe names it
   * @param length of a row
   */
  ModelScores(Path base, String corpus, int length) {
    this.base = HfCheckpoint.open(base);
    Gemma2Config config = ConfigJson.read(this.base.files().config(), base.toString());
    this.model = new Gemma2Model<>(config, OpChoice.of(new EagerAttention()), TFloat32.class);
    this.executable =
        new GraphPath()
            .load(
                List.of(
                    new ForwardPass<>(model, ROWS, length)
                        .trace(FORWARD, ForwardPass.Returns.LOGITS_ONLY)));
    this.tuned = validation(corpus, length, config);
    this.before = validation("built-in", length, config);
    load(this.base);
    this.baseTuned = tuned.stream().map(this::logProbabilities).toList();
  }

  private static List<LabelledBatch> validation(String corpus, int length, Gemma2Config config) {
    RowsSpec rows = new RowsSpec(RowsSpec.Rows.RUN, 1, Optional.empty());
    DataSpec data = new DataSpec(corpus, "bytes", ROWS, length);
    try (TrainingInput input = TrainingInput.open(data, rows, VALIDATION, config)) {
      return Validation.evenlySpaced(input.validation(), SEQUENCES, ROWS);
    }
  }

  /** Scores a checkpoint. */
  Score of(Path folder) {
    try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
      load(checkpoint);
      Sums sums = new Sums();
      for (int batch = 0; batch < tuned.size(); batch++) {
        double[][] own = logProbabilities(tuned.get(batch));
        sums.add(own, tuned.get(batch));
        for (int token = 0; token < own.length; token++) {
          sums.kl += kl(own[token], baseTuned.get(batch)[token]);
        }
      }
      Sums old = new Sums();
      for (LabelledBatch batch : before) old.add(logProbabilities(batch), batch);
      return new Score(
          sums.loss / sums.tokens,
          sums.kl / sums.tokens,
          old.loss / old.tokens,
          distance(checkpoint));
    }
  }

  /** What is added up over tokens. */
  private static final class Sums {
    private double loss;
    private double kl;
    private long tokens;

    void add(double[][] logProbabilities_MV, LabelledBatch batch) {
      int[][] labels = batch.labels();
      int length = labels[0].length;
      for (int token = 0; token < logProbabilities_MV.length; token++) {
        loss -= logProbabilities_MV[token][labels[token / length][token % length]];
      }
      tokens += logProbabilities_MV.length;
    }
  }

  private void load(HfCheckpoint checkpoint) {
    ModelWeights.load(checkpoint, model, executable, ElementType.F32);
  }

  /** Of each token of the vocabulary, at each place; in float64. */
  private double[][] logProbabilities(LabelledBatch batch) {
    try (Results results = executable.run(FORWARD, batch.tokens().arguments())) {
      float[] logits = results.get(ForwardPass.LOGITS).floats();
      int vocabulary = model.config().vocabSize();
      double[][] rows = new double[logits.length / vocabulary][vocabulary];
      for (int row = 0; row < rows.length; row++) {
        double sum = 0;
        for (int id = 0; id < vocabulary; id++) {
          sum += Math.exp(logits[row * vocabulary + id]);
        }
        for (int id = 0; id < vocabulary; id++) {
          rows[row][id] = logits[row * vocabulary + id] - Math.log(sum);
        }
      }
      return rows;
    }
  }

  private static double kl(double[] own, double[] others) {
    double sum = 0;
    for (int id = 0; id < own.length; id++) sum += Math.exp(own[id]) * (own[id] - others[id]);
    return sum;
  }

  private double distance(HfCheckpoint checkpoint) {
    double squares = 0;
    for (String name : base.tensors().keySet()) {
      float[] one = values(base, name);
      float[] other = values(checkpoint, name);
      for (int i = 0; i < one.length; i++) {
        double difference = (double) other[i] - one[i];
        squares += difference * difference;
      }
    }
    return Math.sqrt(squares);
  }

  private static float[] values(HfCheckpoint checkpoint, String name) {
    float[] values = new float[Math.toIntExact(checkpoint.tensors().get(name).elements())];
    checkpoint.float32(name).read(0, MemorySegment.ofArray(values));
    return values;
  }

  @Override
  public void close() {
    executable.close();
    base.close();
  }
}
