package io.gemlab.graph.path.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The ops between the two products of an attention: raw scores to what values are weighted by, and
 * the weights' gradient to that of the scores, each in one pass over a query's row while the cache
 * has it. A thread takes rows; what no query of a vector sees isn't computed.
 */
enum ScoreOps {
  /** {@link io.gemlab.ops.RowKernel#SCORE_WEIGHTS}. */
  WEIGHTS("ScoreWeights", List.of("x: T"), List.of("weights: T", "total: float")) {
    @Override
    void compute(KernelCall call) throws Throwable {
      Scores scores = Scores.of(call, 1);
      Floats weights = scores.like(call.output(scores.x().type(), scores.x().shape()));
      Floats totals = new Floats(call.output(1, KernelCall.DT_FLOAT, scores.shapeOfTotals()), true);
      scores.share(
          (row, number) -> {
            row.weigh();
            row.putWeights(weights);
            totals.set(number, row.total());
          });
    }
  },

  /** {@link io.gemlab.ops.RowKernel#SCORE_GRADIENT}. */
  GRADIENT("ScoreGradient", List.of("x: T", "d_weights: T"), List.of("d_x: T")) {
    @Override
    void compute(KernelCall call) throws Throwable {
      Scores scores = Scores.of(call, 2);
      KernelCall.Input dWeights = call.input(1, scores.x().shape().length);
      if (!Arrays.equals(dWeights.shape(), scores.x().shape())) {
        throw new IllegalArgumentException(
            "scores are %s and the gradient of their weights %s"
                .formatted(Arrays.toString(scores.x().shape()), Arrays.toString(dWeights.shape())));
      }
      Floats dY = dWeights.floats();
      Floats dX = scores.like(call.output(scores.x().type(), scores.x().shape()));
      scores.share(
          (row, number) -> {
            row.weigh();
            row.putGradient(dY, dX);
          });
    }
  };

  static {
    for (ScoreOps op : values()) {
      List<String> inputs = new ArrayList<>(op.inputs);
      inputs.addAll(List.of("query_positions: int32", "key_positions: int32", "numbers: float"));
      new KernelOp(
              op.type,
              "T: {float, bfloat16}",
              inputs,
              op.outputs,
              KernelOp.OutputShape.OF_FIRST,
              op::compute)
          .register();
    }
  }

  private final String type;
  private final List<String> inputs;
  private final List<String> outputs;

  ScoreOps(String name, List<String> inputs, List<String> outputs) {
    this.type = Kernels.PREFIX + name;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** The op's name in graphs. */
  String type() {
    return type;
  }

  abstract void compute(KernelCall call) throws Throwable;

  /** What is done with a row. */
  @FunctionalInterface
  private interface Work {
    void on(ScoreRow row, int number);
  }

  /**
   * A call's scores.
   *
   * @param x [B, K, G * T, S]
   * @param queries where queries stand, [B, T]
   * @param keys where keys stand, [B, S]
   */
  private record Scores(
      KernelCall.Input x, KernelCall.Input queries, KernelCall.Input keys, ScoreRow.Rule rule) {
    /** Numbers of raw scores worth a thread's while. */
    private static final int WORTHWHILE = 1 << 13;

    /**
     * @param first the first of the inputs that both ops have besides scores
     */
    static Scores of(KernelCall call, int first) throws Throwable {
      KernelCall.Input x = call.input(0, 4);
      KernelCall.Input queries = call.input(first, 2);
      KernelCall.Input keys = call.input(first + 1, 2);
      boolean fits =
          queries.shape()[0] == x.shape()[0]
              && keys.shape()[0] == x.shape()[0]
              && keys.shape()[1] == x.shape()[3]
              && queries.shape()[1] > 0
              && x.shape()[2] % queries.shape()[1] == 0;
      if (!fits) {
        throw new IllegalArgumentException(
            "scores are %s and positions %s and %s, which don't belong together"
                .formatted(
                    Arrays.toString(x.shape()),
                    Arrays.toString(queries.shape()),
                    Arrays.toString(keys.shape())));
      }
      return new Scores(x, queries, keys, ScoreRow.Rule.of(call.input(first + 2, 1)));
    }

    long[] shapeOfTotals() {
      long[] x = x().shape();
      long queriesOfHead = queries.shape()[1];
      return new long[] {x[0], x[1], x[2] / queriesOfHead, queriesOfHead, 1};
    }

    Floats like(MemorySegment data) {
      return new Floats(data, x.floats().wide());
    }

    void share(Work work) {
      int length = x.dimension(3);
      int ofBatch = x.dimension(1) * x.dimension(2);
      int queriesOfHead = queries.dimension(1);
      Floats raw = x.floats();
      int[][] places = new int[x.dimension(0)][];
      for (int b = 0; b < places.length; b++) places[b] = ints(keys, b * length, length);
      Workers.SHARED.share(
          places.length * ofBatch,
          Math.max(1, WORTHWHILE / length),
          (from, to) -> {
            ScoreRow row = new ScoreRow(rule, raw, length);
            for (int r = from; r < to; r++) {
              int b = r / ofBatch;
              int query = b * queriesOfHead + r % ofBatch % queriesOfHead;
              row.begin(
                  (long) r * length,
                  places[b],
                  queries.data().getAtIndex(JAVA_INT_UNALIGNED, query));
              work.on(row, r);
            }
          });
    }

    /** Some elements, and padding up to a whole vector. */
    private static int[] ints(KernelCall.Input input, int from, int count) {
      int[] ints = new int[Math.ceilDiv(count, Lanes.COUNT) * Lanes.COUNT];
      Arrays.fill(ints, -1);
      for (int i = 0; i < count; i++) {
        ints[i] = input.data().getAtIndex(JAVA_INT_UNALIGNED, (long) from + i);
      }
      return ints;
    }
  }
}
