package io.gemlab.graph.score;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.ModelTrace;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.RowReduction;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.loss.LogSumExp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * The model's head on places taken out of rows: {@code (weights; normed, places, labels) ->
 * (log-probabilities of the labels; the likeliest token of each place, and its log-probability)}.
 * Several labels may be asked of a place, as the choices of a question begin differently.
 *
 * @param model whose head it is
 * @param places P
 */
record HeadProgram<T extends TFloating>(Gemma2Model<T> model, int places) {
  /** What the head gets, [P, D]. An argument. */
  private static final String NORMED = "normed";

  /** The place that each label is asked of, int32 [N]. An argument. */
  private static final String PLACES = "places";

  /** Tokens, int32 [N]. An argument. */
  private static final String LABELS = "labels";

  /** Of the labels, float32 [N], in nats. */
  private static final String LOG_PROBABILITIES = "log_probabilities";

  /** Tokens, int32 [P]. */
  private static final String LIKELIEST = "likeliest";

  /** Of those, float32 [P], in nats. */
  private static final String LIKELIEST_LOG_PROBABILITIES = "likeliest_log_probabilities";

  /** Half of a call's time is that of the vocabulary's reductions. */
  private static final RowReduction REDUCTION = RowReduction.BY_COLUMNS;

  private static final int LABELS_A_PLACE = 4;
  private static final int FEWEST_PLACES = 16;
  private static final int MOST_PLACES = 256;

  /**
   * Shares asks out among calls, few of whose places stay empty: each call has as many as one of
   * the programs has places, but for the last.
   */
  static List<List<Ask>> shared(List<Ask> asks) {
    List<Ask> each = new ArrayList<>();
    for (Ask ask : asks) {
      for (int from = 0; from < ask.labels().size(); from += LABELS_A_PLACE) {
        int to = Math.min(ask.labels().size(), from + LABELS_A_PLACE);
        each.add(new Ask(ask.place(), ask.labels().subList(from, to)));
      }
    }
    List<List<Ask>> calls = new ArrayList<>();
    int from = 0;
    while (from < each.size()) {
      int rest = each.size() - from;
      int most = Math.min(MOST_PLACES, Math.max(FEWEST_PLACES, Integer.highestOneBit(rest)));
      calls.add(each.subList(from, from + Math.min(rest, most)));
      from += calls.getLast().size();
    }
    return calls;
  }

  /** How many programs there are: those of each number of places. */
  static int kinds() {
    return Integer.numberOfTrailingZeros(MOST_PLACES / FEWEST_PLACES) + 1;
  }

  /** The places of the program that takes so many asks of {@link #shared}. */
  static int places(int asks) {
    return Math.max(FEWEST_PLACES, asks);
  }

  /** N: for questions with four choices of one token as many as there can be. */
  private int labels() {
    return LABELS_A_PLACE * places;
  }

  /** The function's name: programs that differ have names that differ. */
  String name() {
    return "score_head_" + places;
  }

  GraphFunction trace() {
    try (Trace trace = new Trace(name())) {
      Ops tf = trace.ops();
      ModelTrace<T> traced = ModelTrace.of(trace, model);
      Operand<T> normed_PD =
          trace.argument(NORMED, model.type(), TensorShape.of(places, model.config().hiddenSize()));
      TensorShape labels = TensorShape.of(labels());
      Operand<TInt32> places_N = trace.argument(PLACES, TInt32.class, labels);
      Operand<TInt32> labels_N = trace.argument(LABELS, TInt32.class, labels);
      Softcap softcap = model.config().finalLogitSoftcapping();
      Operand<T> raw_PV = model.rawLogits(tf, traced.weights(), normed_PD);
      Operand<TFloat32> logits_PV = model.logits(tf, raw_PV);
      Operand<TFloat32> against_P = flat(tf, LogSumExp.apply(tf, raw_PV, softcap, REDUCTION));
      Operand<TFloat32> largest_P1 = REDUCTION.max(tf, logits_PV);
      Operand<TFloat32> chosen_N =
          tf.gatherNd(logits_PV, tf.stack(List.of(places_N, labels_N), Stack.axis(1L)));
      trace.result(
          LOG_PROBABILITIES, tf.math.sub(chosen_N, tf.gather(against_P, places_N, tf.constant(0))));
      trace.result(LIKELIEST, flat(tf, REDUCTION.firstPlace(tf, logits_PV, largest_P1)));
      trace.result(LIKELIEST_LOG_PROBABILITIES, tf.math.sub(flat(tf, largest_P1), against_P));
      return trace.finish();
    }
  }

  private static <T extends TType> Operand<T> flat(Ops tf, Operand<T> x_P1) {
    return tf.reshape(x_P1, tf.constant(new int[] {-1}));
  }

  /**
   * The arguments of a call.
   *
   * @param normed_BTD what {@link RowsProgram} gave
   * @param asks at most P
   */
  Map<String, HostTensor> arguments(HostTensor normed_BTD, List<Ask> asks) {
    ElementType type = normed_BTD.type();
    int hidden = model.config().hiddenSize();
    HostTensor normed_PD = HostTensor.zeros(type, TensorShape.of(places, hidden));
    long bytes = (long) hidden * type.byteSize();
    int[] placesOfLabels = new int[labels()];
    int[] labels = new int[labels()];
    int next = 0;
    for (int p = 0; p < asks.size(); p++) {
      MemorySegment.copy(
          normed_BTD.data(), asks.get(p).place() * bytes, normed_PD.data(), p * bytes, bytes);
      for (Ask.Label label : asks.get(p).labels()) {
        placesOfLabels[next] = p;
        labels[next] = label.id();
        next++;
      }
    }
    return Map.of(
        NORMED, normed_PD,
        PLACES, HostTensor.of(placesOfLabels, labels()),
        LABELS, HostTensor.of(labels, labels()));
  }

  /**
   * Puts a call's answers where they belong.
   *
   * @param scores those of a request
   */
  void answer(List<Ask> asks, Results answers, IntFunction<TokenScores> scores) {
    float[] logProbabilities = answers.get(LOG_PROBABILITIES).floats();
    int[] likeliest = answers.get(LIKELIEST).ints();
    float[] ofLikeliest = answers.get(LIKELIEST_LOG_PROBABILITIES).floats();
    int next = 0;
    for (int p = 0; p < asks.size(); p++) {
      for (Ask.Label label : asks.get(p).labels()) {
        TokenScores into = scores.apply(label.request());
        into.logProbabilities()[label.token()] = logProbabilities[next];
        into.likeliest()[label.token()] = likeliest[p];
        into.likeliestLogProbabilities()[label.token()] = ofLikeliest[p];
        next++;
      }
    }
  }
}
