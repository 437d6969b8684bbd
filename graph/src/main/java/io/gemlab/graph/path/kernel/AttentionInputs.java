package io.gemlab.graph.path.kernel;

import java.util.Arrays;
import java.util.List;

/**
 * What ops of a whole attention take.
 *
 * @param q [B, T, N, H]
 * @param k [B, K, S, H]
 * @param v as k
 * @param queryPositions int32 [B, T], below 0 for padding
 * @param keyPositions int32 [B, S], likewise
 * @param numbers float32, scale, cap and window at its beginning
 */
record AttentionInputs(
    KernelCall.Input q,
    KernelCall.Input k,
    KernelCall.Input v,
    KernelCall.Input queryPositions,
    KernelCall.Input keyPositions,
    KernelCall.Input numbers) {
  /** As an op declares them. */
  static final List<String> DECLARED =
      List.of(
          "q: T",
          "k: T",
          "v: T",
          "query_positions: int32",
          "key_positions: int32",
          "numbers: float");

  static AttentionInputs of(KernelCall call) throws Throwable {
    return new AttentionInputs(
        call.input(0, 4),
        call.input(1, 4),
        call.input(2, 4),
        call.input(3, 2),
        call.input(4, 2),
        call.input(5, 1));
  }

  /**
   * Refuses shapes that don't fit each other.
   *
   * @param op whose inputs they are
   * @param queries T
   */
  void require(String op, long queries) {
    long[] expected = {q.shape()[0], k.shape()[1], k.shape()[2], q.shape()[3]};
    boolean fits =
        q.shape()[1] == queries
            && expected[1] > 0
            && q.shape()[2] % expected[1] == 0
            && Arrays.equals(k.shape(), expected)
            && Arrays.equals(v.shape(), expected)
            && Arrays.equals(queryPositions.shape(), new long[] {expected[0], queries})
            && Arrays.equals(keyPositions.shape(), new long[] {expected[0], expected[2]});
    if (fits) return;
    throw KernelCall.unfit(
        op, "q is %s, k %s, v %s and positions %s and %s", q, k, v, queryPositions, keyPositions);
  }
}
