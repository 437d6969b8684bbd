package io.gemlab.graph.path.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.util.Arrays;

/**
 * The op of attention of one query a row, in one reading of the keys and values that the query
 * sees, and of no others. A query that sees none gets zeros. A thread takes a key-value head with
 * its queries.
 *
 * <p>Precision: as Hugging Face's {@code eager_attention_forward} in bfloat16: scores are rounded;
 * scale, cap, mask and softmax are float32; probabilities are rounded, and so is their sum of
 * values.
 */
final class RowAttentionOp {
  private static final String TYPE = Kernels.PREFIX + "RowAttention";

  // What stands where in the op's last input.
  private static final int SCALE = 0;
  private static final int CAP = 1;
  private static final int WINDOW = 2;
  private static final int NUMBERS = 3;

  static {
    new KernelOp(
            TYPE,
            "T: {bfloat16}",
            AttentionInputs.DECLARED,
            KernelOp.ONE_OUTPUT,
            KernelOp.OutputShape.OF_FIRST,
            RowAttentionOp::attend)
        .register();
  }

  private RowAttentionOp() {}

  /** The op's name in graphs. */
  static String type() {
    return TYPE;
  }

  private static void attend(KernelCall call) throws Throwable {
    AttentionInputs inputs = AttentionInputs.of(call);
    inputs.require(TYPE, 1);
    KernelCall.Input q = inputs.q();
    KernelCall.Input k = inputs.k();
    KernelCall.Input v = inputs.v();
    KernelCall.Input queryPositions = inputs.queryPositions();
    KernelCall.Input keyPositions = inputs.keyPositions();
    float[] numbers = inputs.numbers().floats(0, NUMBERS);
    Floats y = new Floats(call.output(q.type(), q.shape()), q.floats().wide());
    int kvHeads = k.dimension(1);
    int keys = k.dimension(2);
    int headDim = k.dimension(3);
    int groups = q.dimension(2) / kvHeads;
    Workers.SHARED.share(
        q.dimension(0) * kvHeads,
        1,
        (from, to) -> {
          for (int head = from; head < to; head++) {
            int b = head / kvHeads;
            int query = queryPositions.data().getAtIndex(JAVA_INT_UNALIGNED, b);
            long[] visible = new long[keys];
            int count = 0;
            for (int s = 0; s < keys; s++) {
              int key = keyPositions.data().getAtIndex(JAVA_INT_UNALIGNED, (long) b * keys + s);
              boolean seen = key >= 0 && key <= query && query - key < numbers[WINDOW];
              if (seen) visible[count++] = (long) head * keys + s;
            }
            KvHead kvHead = new KvHead(k.data(), v.data(), headDim, Arrays.copyOf(visible, count));
            float[][] queries = new float[groups][];
            int at = head * groups * headDim;
            for (int g = 0; g < groups; g++) queries[g] = q.floats(at + g * headDim, headDim);
            float[][] sums = kvHead.attend(queries, numbers[SCALE], numbers[CAP]);
            for (int g = 0; g < groups; g++) put(y, at + g * headDim, sums[g]);
          }
        });
  }

  private static void put(Floats y, long at, float[] values) {
    for (int i = 0; i < values.length; i++) y.set(at + i, values[i]);
  }
}
