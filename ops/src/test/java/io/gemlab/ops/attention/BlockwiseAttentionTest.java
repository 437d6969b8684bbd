package io.gemlab.ops.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** What blockwise attention costs, counted in its traced graph, and what it refuses. */
class BlockwiseAttentionTest {
  private static final Attention BLOCKWISE = BlockwiseAttention.auto();
  private static final OptionalInt NONE = OptionalInt.empty();

  /** The scores, and the weighted sum. */
  private static final int FORWARD_PRODUCTS = 2;

  /**
   * The scores again, and the gradients of probabilities, queries, keys and values: what
   * FlashAttention counts, 2.5 times the forward pass.
   *
   * <p>The band is counted with the same products, recomputation and all, so that what is measured
   * is what is computed outside the band. Against a band whose scores are kept (two and four
   * products) the figure at 8192 and 256 would be 7/6 of it, 1.46.
   */
  private static final int BACKWARD_PRODUCTS = 5;

  @ParameterizedTest
  @CsvSource({"8192, 256", "8192, 1024", "8192, 4096", "4096, 256", "8000, 300"})
  void aSlidingLayerComputesItsBandAndLittleMore(int length, int window) {
    AttentionSpec spec = spec(OptionalInt.of(window));
    try (TracedAttention forward = TracedAttention.forward(BLOCKWISE, spec, length);
        TracedAttention both = TracedAttention.forwardAndBackward(BLOCKWISE, spec, length)) {
      double product = bandProduct(spec, length);
      assertTrue(forward.productFlops() <= 1.3 * FORWARD_PRODUCTS * product);
      assertTrue(both.productFlops() <= 1.3 * (FORWARD_PRODUCTS + BACKWARD_PRODUCTS) * product);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2048, 8192})
  void aGlobalLayerComputesTheCausalTriangleAndLittleMore(int length) {
    AttentionSpec spec = spec(NONE);
    try (TracedAttention both = TracedAttention.forwardAndBackward(BLOCKWISE, spec, length)) {
      double products = FORWARD_PRODUCTS + BACKWARD_PRODUCTS;
      assertTrue(both.productFlops() <= 1.3 * products * bandProduct(spec, length));
    }
  }

  /** So that the counts above are of all products there are. */
  @Test
  void eagerComputesTheWholeSquare() {
    AttentionSpec spec = spec(OptionalInt.of(8));
    try (TracedAttention both =
        TracedAttention.forwardAndBackward(new EagerAttention(), spec, 64)) {
      assertEquals(6L * 2 * 64 * 64 * spec.heads() * spec.headDim(), both.productFlops());
    }
  }

  @Test
  void memoryIsLinearInLength() {
    for (OptionalInt window : new OptionalInt[] {NONE, OptionalInt.of(256)}) {
      assertEquals(2, growth(BLOCKWISE, window), 0.01);
    }
    assertEquals(4, growth(new EagerAttention(), NONE), 0.01);
  }

  /** How much the largest tensor grows, forward and backward, when the length doubles. */
  private static double growth(Attention attention, OptionalInt window) {
    try (TracedAttention shorter =
            TracedAttention.forwardAndBackward(attention, spec(window), 4096);
        TracedAttention longer =
            TracedAttention.forwardAndBackward(attention, spec(window), 8192)) {
      return (double) longer.largestTensor() / shorter.largestTensor();
    }
  }

  /** Or a session would start all diagonals at once, and hold them all at once. */
  @Test
  void aDiagonalWaitsForTheOneBefore() {
    AttentionSpec spec = spec(OptionalInt.of(64));
    int diagonals = 5;
    Attention blocks = new BlockwiseAttention(OptionalInt.of(16));
    try (TracedAttention forward = TracedAttention.forward(blocks, spec, 256);
        TracedAttention both = TracedAttention.forwardAndBackward(blocks, spec, 256)) {
      assertEquals(2 * diagonals, forward.longestChainOfProducts());
      assertEquals(2 * diagonals + 2 * diagonals, both.longestChainOfProducts());
    }
  }

  /** 16 diagonals of 512, or 4 of 2048; a window of 4096 keeps blocks at 1024. */
  @Test
  void devicesGetFewerAndLargerBlocks() {
    AttentionSpec all = spec(NONE);
    AttentionSpec sliding = spec(OptionalInt.of(4096));
    assertEquals(2 * 16, chain(BlockwiseAttention.auto(), all));
    assertEquals(2 * 4, chain(BlockwiseAttention.forDevices(), all));
    assertEquals(2 * 5, chain(BlockwiseAttention.forDevices(), sliding));
  }

  private static long chain(Attention attention, AttentionSpec spec) {
    try (TracedAttention forward = TracedAttention.forward(attention, spec, 8192)) {
      return forward.longestChainOfProducts();
    }
  }

  /** Multiplications and additions of one product over the pairs that may see each other. */
  private static double bandProduct(AttentionSpec spec, int length) {
    double pairs = 0;
    for (int i = 0; i < length; i++) pairs += Math.min(i + 1, spec.window().orElse(length));
    return 2 * pairs * spec.heads() * spec.headDim();
  }

  private static AttentionSpec spec(OptionalInt window) {
    return new AttentionSpec(4, 2, 8, 1, Softcap.of(50), window);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -16})
  void refusesABlockOfNothing(int size) {
    Exception refusal =
        assertThrows(
            IllegalArgumentException.class, () -> new BlockwiseAttention(OptionalInt.of(size)));
    assertEquals(
        "the attention block is " + size + "; give a number above 0", refusal.getMessage());
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 5})
  void refusesKeysThatAreNotTheQueries(long keys) {
    refuses(
        "blockwise attention is self-attention over whole rows; 3 queries meet "
            + keys
            + " keys at positions of their own; choose eager attention to attend to a cache",
        Shape.of(2, 3, 4, 8),
        Shape.of(2, keys, 2, 8));
  }

  @Test
  void refusesSizesThatAreNotKnown() {
    refuses(
        "blockwise attention needs to know batch and length, and its queries are [-1, 3, 4, 8];"
            + " trace with fixed sizes",
        Shape.of(-1, 3, 4, 8),
        Shape.of(-1, 3, 2, 8));
  }

  private static void refuses(String message, Shape queries, Shape keys) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      AttentionMask mask = new AttentionMask(positions(tf), positions(tf));
      Operand<TFloat32> q = tf.placeholder(TFloat32.class, Placeholder.shape(queries));
      Operand<TFloat32> k = tf.placeholder(TFloat32.class, Placeholder.shape(keys));
      Exception refusal =
          assertThrows(
              IllegalArgumentException.class,
              () -> BLOCKWISE.attend(tf, spec(NONE), mask, q, k, k));
      assertEquals(message, refusal.getMessage());
    }
  }

  private static Operand<TInt32> positions(Ops tf) {
    return tf.placeholder(TInt32.class);
  }
}
