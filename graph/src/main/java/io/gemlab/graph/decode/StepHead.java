package io.gemlab.graph.decode;

import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.ModelTrace;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.loss.CrossEntropy;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** What a call of the model over a cache gives back. */
sealed interface StepHead {
  /** The token chosen for each row, int32 [B]; {@link #NOT_FINITE} where logits are not numbers. */
  String IDS = "ids";

  /** The likeliest token of each row, int32 [B]. */
  String LIKELIEST = "likeliest";

  /** Natural logarithms of their probabilities, float32 [B]. */
  String LIKELIEST_LOG_PROBABILITIES = "likeliest_log_probabilities";

  /** Natural logarithms of probabilities, float32. */
  String LOG_PROBABILITIES = "log_probabilities";

  /** The capped logits, float32 [B, T, V]. */
  String LOGITS = "logits";

  /** The token that follows each, int32 [B, T]; below 0 where none is scored. An argument. */
  String LABELS = "labels";

  /** What stands for a token where the logits are NaN or infinite. */
  int NOT_FINITE = -1;

  /** A name for it, unlike the others'. */
  String label();

  /**
   * Names the results.
   *
   * @param normed_BTD what the model's head gets
   */
  <T extends TFloating> void trace(Step<T> step, Operand<T> normed_BTD);

  /** The step in a trace that a head belongs to. */
  record Step<T extends TFloating>(
      ModelTrace<T> traced, Gemma2Model<T> model, ModelTrace.Tokens tokens, int rows, int length) {
    Trace trace() {
      return traced.trace();
    }

    /** Scores before the cap, [M, V]. */
    Operand<T> rawLogits(Operand<T> normed) {
      return model.rawLogits(trace().ops(), traced.weights(), normed);
    }

    /** The last column of [B, T, ...], with one element for T. */
    <X extends org.tensorflow.types.family.TType> Operand<X> last(Operand<X> x) {
      Ops tf = trace().ops();
      long[] extent = x.shape().asArray();
      long[] begin = new long[extent.length];
      begin[1] = length - 1;
      extent[1] = 1;
      return length == 1 ? x : tf.slice(x, tf.constant(begin), tf.constant(extent));
    }
  }

  /**
   * The next token of each row.
   *
   * @param drawn whether it is drawn, which takes the sampler's arguments, or the likeliest
   * @param logProbabilities whether to give its log-probability too, and what is likeliest where
   *     that may be another: the model's own, whatever the temperature
   */
  record Next(boolean drawn, boolean logProbabilities) implements StepHead {
    @Override
    public String label() {
      return (drawn ? "drawn" : "greedy") + (logProbabilities ? "_scored" : "");
    }

    @Override
    public <T extends TFloating> void trace(Step<T> step, Operand<T> normed_BTD) {
      choose(step, normed_BTD);
    }

    /** Names the results; answers the tokens chosen, [B]. */
    private <T extends TFloating> Operand<TInt32> choose(Step<T> step, Operand<T> normed_BTD) {
      Ops tf = step.trace().ops().withSubScope("next");
      Operand<T> raw_BV = step.rawLogits(step.last(normed_BTD));
      Operand<TFloat32> logits_BV = step.model().logits(tf, raw_BV);
      Operand<TInt32> position_B =
          tf.reshape(step.last(step.tokens().positions_BT()), tf.constant(new int[] {-1}));
      Operand<TInt32> ids_B =
          drawn
              ? new Sampler(step.trace(), step.rows()).draw(logits_BV, position_B)
              : Sampler.likeliest(tf, logits_BV);
      Operand<TFloat32> sum_B = tf.sum(logits_BV, tf.constant(1));
      Operand<TInt32> chosen_B = tf.select(tf.math.isFinite(sum_B), ids_B, tf.constant(NOT_FINITE));
      step.trace().result(IDS, chosen_B);
      if (logProbabilities) {
        step.trace().result(LOG_PROBABILITIES, logProbability(step, tf, raw_BV, ids_B));
      }
      if (logProbabilities && drawn) {
        Operand<TInt32> likeliest_B = Sampler.likeliest(tf, logits_BV);
        step.trace().result(LIKELIEST, likeliest_B);
        step.trace()
            .result(LIKELIEST_LOG_PROBABILITIES, logProbability(step, tf, raw_BV, likeliest_B));
      }
      return chosen_B;
    }

    private static <T extends TFloating> Operand<TFloat32> logProbability(
        Step<T> step, Ops tf, Operand<T> raw_BV, Operand<TInt32> ids_B) {
      Softcap softcap = step.model().config().finalLogitSoftcapping();
      return tf.math.neg(CrossEntropy.apply(tf, raw_BV, ids_B, softcap));
    }
  }

  /** Nothing: the tokens are in the cache, and that was all. */
  record Nothing() implements StepHead {
    @Override
    public String label() {
      return "taken";
    }

    @Override
    public <T extends TFloating> void trace(Step<T> step, Operand<T> normed_BTD) {}
  }

  /** The likeliest next token of each row, which is kept too, for the next call to go on with. */
  record Chained() implements StepHead {
    /** The state that holds it, int32 [B]. */
    static final String TOKEN = "token";

    @Override
    public String label() {
      return "chained";
    }

    @Override
    public <T extends TFloating> void trace(Step<T> step, Operand<T> normed_BTD) {
      step.trace().update(TOKEN, new Next(false, false).choose(step, normed_BTD));
    }
  }

  /** The log-probability of given tokens, [B, T]; 0 where the label is below 0. */
  record Score() implements StepHead {
    @Override
    public String label() {
      return "score";
    }

    @Override
    public <T extends TFloating> void trace(Step<T> step, Operand<T> normed_BTD) {
      Ops tf = step.trace().ops().withSubScope("score");
      TensorShape shape = TensorShape.of(step.rows(), step.length());
      Operand<TInt32> labels_BT = step.trace().argument(LABELS, TInt32.class, shape);
      Operand<TFloat32> surprise_M =
          CrossEntropy.apply(
              tf,
              step.rawLogits(normed_BTD),
              tf.reshape(labels_BT, tf.constant(new int[] {-1})),
              step.model().config().finalLogitSoftcapping());
      step.trace()
          .result(
              LOG_PROBABILITIES, tf.reshape(tf.math.neg(surprise_M), tf.constant(shape.toArray())));
    }
  }

  /** All logits. */
  record Logits() implements StepHead {
    @Override
    public String label() {
      return "logits";
    }

    @Override
    public <T extends TFloating> void trace(Step<T> step, Operand<T> normed_BTD) {
      Ops tf = step.trace().ops();
      Operand<TFloat32> logits_MV = step.model().logits(tf, step.rawLogits(normed_BTD));
      long[] shape = {step.rows(), step.length(), step.model().config().vocabSize()};
      step.trace().result(LOGITS, tf.reshape(logits_MV, tf.constant(shape)));
    }
  }
}
