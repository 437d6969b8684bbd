package io.gemlab.graph.path.kernel;

import static io.gemlab.graph.path.kernel.Lanes.COUNT;
import static io.gemlab.graph.path.kernel.Lanes.FLOATS;
import static io.gemlab.graph.path.kernel.Lanes.INTS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * A query's row of scores, one after the other, and what is computed of it. Sums are of lanes and
 * always in the same order. Each method is a loop of its own, which the JVM compiles soon.
 */
final class ScoreRow {
  /**
   * What all rows have in common.
   *
   * @param cap infinite for none
   * @param window keys this far behind a query are not seen
   */
  record Rule(float scale, float cap, int window) {
    private static final int NUMBERS = 3;

    static Rule of(KernelCall.Input numbers) {
      float[] x = numbers.floats(0, NUMBERS);
      return new Rule(x[0], x[1], x[2] < Integer.MAX_VALUE ? (int) x[2] : Integer.MAX_VALUE);
    }
  }

  private final Rule rule;
  private final Floats raw;
  private final int length;

  // Of whole vectors, between first and end.
  private final float[] capped;
  private final float[] exponentials;
  private final float[] gradient;

  private long at;
  private int[] keys;

  /** The first position that the query sees, and how many it sees from there on. */
  private int oldest;

  private int seen;

  // Where the first vector that holds a visible key begins, and where the last ends.
  private int first;
  private int end;
  private float total;

  /**
   * @param raw all scores
   * @param length S
   */
  ScoreRow(Rule rule, Floats raw, int length) {
    this.rule = rule;
    this.raw = raw;
    this.length = length;
    int whole = Math.ceilDiv(length, COUNT) * COUNT;
    capped = new float[whole];
    exponentials = new float[whole];
    gradient = new float[whole];
  }

  /**
   * Turns to a row.
   *
   * @param at its first score
   * @param keys where its keys stand, and -1 up to a whole vector
   * @param query where its query stands
   */
  void begin(long at, int[] keys, int query) {
    this.at = at;
    this.keys = keys;
    boolean padding = query < 0;
    oldest = padding ? 0 : Math.max(0, query - rule.window() + 1);
    seen = padding ? 0 : query - oldest + 1;
  }

  /** Computes exponentials and their total. */
  void weigh() {
    findVisible();
    if (first == end) {
      total = length; // of as many exponentials of 0
      return;
    }
    read(raw, capped);
    float largest = score();
    total = exponentials(largest);
  }

  private VectorMask<Integer> visible(int i) {
    return IntVector.fromArray(INTS, keys, i).sub(oldest).compare(VectorOperators.ULT, seen);
  }

  private void findVisible() {
    int length = keys.length;
    int from = 0;
    while (from < length && !visible(from).anyTrue()) from += COUNT;
    int to = length;
    while (to > from && !visible(to - COUNT).anyTrue()) to -= COUNT;
    first = from < to ? from : 0;
    end = from < to ? to : 0;
  }

  /** Scores, and the largest of those that are seen. */
  private float score() {
    FloatVector largest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    boolean caps = rule.cap() < Float.POSITIVE_INFINITY;
    float scale = caps ? rule.scale() / rule.cap() : rule.scale();
    for (int i = first; i < end; i += COUNT) {
      FloatVector x = FloatVector.fromArray(FLOATS, capped, i).mul(scale);
      if (caps) x = VectorMath.tanh(x).mul(rule.cap());
      x.intoArray(capped, i);
      FloatVector seen = x.blend(Float.NEGATIVE_INFINITY, visible(i).not().cast(FLOATS));
      seen.intoArray(exponentials, i);
      largest = Lanes.larger(largest, seen);
    }
    return Lanes.max(largest);
  }

  private float exponentials(float largest) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = first; i < end; i += COUNT) {
      FloatVector score = FloatVector.fromArray(FLOATS, exponentials, i);
      VectorMask<Float> hidden = score.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY);
      FloatVector e = VectorMath.exp(score.sub(largest)).blend(0, hidden);
      e.intoArray(exponentials, i);
      sum = sum.add(e);
    }
    return Lanes.sum(sum);
  }

  /** Writes the row's weights. */
  void putWeights(Floats weights) {
    float factor = 1 / total;
    if (first == end) {
      Arrays.fill(exponentials, factor);
      end = exponentials.length;
    } else {
      scale(factor);
    }
    write(exponentials, weights);
  }

  /** The same, and 0 where its query sees no key. */
  void putWeightsOfSeen(Floats weights) {
    if (first == end) weights.zero(at, length);
    else putWeights(weights);
  }

  private void scale(float factor) {
    for (int i = first; i < end; i += COUNT) {
      FloatVector.fromArray(FLOATS, exponentials, i).mul(factor).intoArray(exponentials, i);
    }
  }

  /**
   * Writes the gradient of the row's scores.
   *
   * @param dWeights the weights'
   */
  void putGradient(Floats dWeights, Floats dScores) {
    read(dWeights, gradient);
    gradient(weightedSum() / total);
    write(gradient, dScores);
  }

  private float weightedSum() {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = first; i < end; i += COUNT) {
      FloatVector e = FloatVector.fromArray(FLOATS, exponentials, i);
      sum = FloatVector.fromArray(FLOATS, gradient, i).fma(e, sum);
    }
    return Lanes.sum(sum);
  }

  private void gradient(float mean) {
    float factor = rule.scale() / total;
    float perCap = rule.cap() < Float.POSITIVE_INFINITY ? 1 / rule.cap() : 0;
    for (int i = first; i < end; i += COUNT) {
      FloatVector t = FloatVector.fromArray(FLOATS, capped, i).mul(perCap);
      FloatVector slope = t.mul(t).neg().add(1).mul(factor);
      FloatVector e = FloatVector.fromArray(FLOATS, exponentials, i).mul(slope);
      FloatVector.fromArray(FLOATS, gradient, i).sub(mean).mul(e).intoArray(gradient, i);
    }
  }

  /** Reads the vectors of the row that hold visible keys. */
  private void read(Floats from, float[] into) {
    int i = first;
    for (; i < end && i + COUNT <= length; i += COUNT) from.load(at + i).intoArray(into, i);
    for (; i < Math.min(end, length); i++) into[i] = from.get(at + i);
  }

  /** Writes those vectors of the row, and 0 elsewhere. */
  private void write(float[] from, Floats to) {
    to.zero(at, first);
    int i = first;
    for (; i < end && i + COUNT <= length; i += COUNT) {
      to.store(FloatVector.fromArray(FLOATS, from, i), at + i);
    }
    for (; i < Math.min(end, length); i++) to.set(at + i, from[i]);
    to.zero(at + i, length - i);
  }
}
