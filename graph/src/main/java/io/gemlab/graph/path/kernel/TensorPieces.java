package io.gemlab.graph.path.kernel;

import java.util.Arrays;
import java.util.List;

/**
 * Tensors cut into pieces, which threads share: large ones into many, so that they finish together,
 * and none with another.
 */
final class TensorPieces {
  /** Elements in a piece: what a kernel reads and writes of it fits the second cache. */
  private static final int SIZE = 1 << 14;

  private final int[] firstOfTensor;
  private final long[] elements;
  private final int[] tensorOf;

  private TensorPieces(long[] elements, int[] firstOfTensor, int[] tensorOf) {
    this.elements = elements;
    this.firstOfTensor = firstOfTensor;
    this.tensorOf = tensorOf;
  }

  /**
   * What is done with {@code count} elements of a tensor from {@code from} on. A loop over an int
   * is the faster one: of a long's bounds the compiler knows too little.
   */
  @FunctionalInterface
  interface Work {
    void on(int piece, int tensor, long from, int count);
  }

  static TensorPieces of(List<Floats> tensors) {
    long[] elements = new long[tensors.size()];
    int[] first = new int[tensors.size()];
    int count = 0;
    for (int t = 0; t < elements.length; t++) {
      elements[t] = tensors.get(t).count();
      first[t] = count;
      count += Math.toIntExact(Math.ceilDiv(elements[t], SIZE));
    }
    int[] tensorOf = new int[count];
    for (int t = 0; t < elements.length; t++) {
      int end = t + 1 < elements.length ? first[t + 1] : count;
      Arrays.fill(tensorOf, first[t], end, t);
    }
    return new TensorPieces(elements, first, tensorOf);
  }

  int count() {
    return tensorOf.length;
  }

  /** Whose a piece is. */
  int tensor(int piece) {
    return tensorOf[piece];
  }

  /** Does the work on all pieces, several at a time. */
  void share(Work work) {
    Workers.SHARED.share(
        count(),
        1,
        (first, end) -> {
          for (int piece = first; piece < end; piece++) {
            int tensor = tensorOf[piece];
            long from = (long) (piece - firstOfTensor[tensor]) * SIZE;
            work.on(piece, tensor, from, (int) Math.min(elements[tensor] - from, SIZE));
          }
        });
  }
}
