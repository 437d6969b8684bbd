package io.gemlab.ops.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;

/** Queries go down, keys go right. */
class AttentionMaskTest {
  private static final OptionalInt NONE = OptionalInt.empty();

  @Test
  void causal() {
    assertEquals(
        """
        1 0 0 0 0
        1 1 0 0 0
        1 1 1 0 0
        1 1 1 1 0
        1 1 1 1 1
        """,
        printed(new int[] {0, 1, 2, 3, 4}, NONE));
  }

  /** A window of 3 is the token itself and two before it. */
  @Test
  void sliding() {
    assertEquals(
        """
        1 0 0 0 0 0
        1 1 0 0 0 0
        1 1 1 0 0 0
        0 1 1 1 0 0
        0 0 1 1 1 0
        0 0 0 1 1 1
        """,
        printed(new int[] {0, 1, 2, 3, 4, 5}, OptionalInt.of(3)));
  }

  @Test
  void aWindowOfOneIsTheTokenItself() {
    assertEquals(
        """
        1 0 0
        0 1 0
        0 0 1
        """,
        printed(new int[] {0, 1, 2}, OptionalInt.of(1)));
  }

  @Test
  void aWindowAsLongAsTheRowIsCausal() {
    int[] positions = {0, 1, 2, 3};
    assertEquals(printed(positions, NONE), printed(positions, OptionalInt.of(4)));
  }

  @Test
  void leftPadding() {
    assertEquals(
        """
        0 0 0 0 0
        0 0 0 0 0
        0 0 1 0 0
        0 0 1 1 0
        0 0 1 1 1
        """,
        printed(new int[] {-1, -1, 0, 1, 2}, NONE));
  }

  @Test
  void rightPadding() {
    assertEquals(
        """
        1 0 0 0 0
        1 1 0 0 0
        1 1 1 0 0
        0 0 0 0 0
        0 0 0 0 0
        """,
        printed(new int[] {0, 1, 2, -1, -1}, NONE));
  }

  @Test
  void leftPaddingUnderAWindow() {
    assertEquals(
        """
        0 0 0 0 0
        0 1 0 0 0
        0 1 1 0 0
        0 0 1 1 0
        0 0 0 1 1
        """,
        printed(new int[] {-1, 0, 1, 2, 3}, OptionalInt.of(2)));
  }

  @Test
  void nothingButPadding() {
    assertEquals(
        """
        0 0
        0 0
        """,
        printed(new int[] {-1, -1}, NONE));
  }

  /** Two new tokens, and a cache whose last slot is not yet written. */
  @Test
  void cache() {
    assertEquals(
        """
        1 1 1 1 0 0
        1 1 1 1 1 0
        """,
        printed(new int[][] {{3, 4}}, new int[][] {{0, 1, 2, 3, 4, -1}}, NONE));
  }

  @Test
  void rowsHaveMasksOfTheirOwn() {
    int[][] rows = {{0, 1, 2}, {-1, 0, 1}};
    assertEquals(
        """
        1 0 0
        1 1 0
        1 1 1

        0 0 0
        0 1 0
        0 1 1
        """,
        printed(rows, rows, NONE));
  }

  /** Three documents and padding; a global layer sees no more of another than a sliding one. */
  @Test
  void documentsSeeThemselvesAlone() {
    int[][] positions = {{-1, 0, 1, 2, 0, 1, 0, -1}};
    int[][] documents = {{0, 1, 1, 1, 2, 2, 3, 0}};
    assertEquals(
        """
        0 0 0 0 0 0 0 0
        0 1 0 0 0 0 0 0
        0 1 1 0 0 0 0 0
        0 1 1 1 0 0 0 0
        0 0 0 0 1 0 0 0
        0 0 0 0 1 1 0 0
        0 0 0 0 0 0 1 0
        0 0 0 0 0 0 0 0
        """,
        printed(tf -> packed(tf, positions, documents), NONE, 1, 8, 8));
    assertEquals(
        """
        0 0 0 0 0 0 0 0
        0 1 0 0 0 0 0 0
        0 1 1 0 0 0 0 0
        0 0 1 1 0 0 0 0
        0 0 0 0 1 0 0 0
        0 0 0 0 1 1 0 0
        0 0 0 0 0 0 1 0
        0 0 0 0 0 0 0 0
        """,
        printed(tf -> packed(tf, positions, documents), OptionalInt.of(2), 1, 8, 8));
    assertEquals(
        printed(tf -> packed(tf, positions, documents), NONE, 1, 8, 8),
        printed(tf -> packed(tf, positions, documents), OptionalInt.of(100), 1, 8, 8));
  }

  /**
   * "a b", then "c" and "d e" behind it, then a text of its own: "f g"; the last place is padding.
   */
  @Test
  void branchesSeeWhatTheyBeginWith() {
    int[][] positions = {{0, 1, 2, 2, 3, 0, 1, 0}};
    int[][] ends = {{5, 5, 3, 5, 5, 7, 7, 0}};
    Function<Ops, AttentionMask> branches =
        tf -> AttentionMask.ofBranches(tf.constant(positions), tf.constant(ends));
    assertEquals(
        """
        1 0 0 0 0 0 0 0
        1 1 0 0 0 0 0 0
        1 1 1 0 0 0 0 0
        1 1 0 1 0 0 0 0
        1 1 0 1 1 0 0 0
        0 0 0 0 0 1 0 0
        0 0 0 0 0 1 1 0
        0 0 0 0 0 0 0 0
        """,
        printed(branches, NONE, 1, 8, 8));
    assertEquals(
        """
        1 0 0 0 0 0 0 0
        1 1 0 0 0 0 0 0
        0 1 1 0 0 0 0 0
        0 1 0 1 0 0 0 0
        0 0 0 1 1 0 0 0
        0 0 0 0 0 1 0 0
        0 0 0 0 0 1 1 0
        0 0 0 0 0 0 0 0
        """,
        printed(branches, OptionalInt.of(2), 1, 8, 8));
  }

  /** As many documents as there can be in the longest row, the last of which must not overflow. */
  @Test
  void theLastDocumentOfTheLongestRowSeesItself() {
    int length = AttentionMask.LONGEST_OF_DOCUMENTS;
    int[][] documents = new int[1][length];
    Arrays.setAll(documents[0], t -> t + 1);
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<TInt32> places = packed(tf, new int[1][length], documents).queryPositions_BT();
      try (Result result = session.runner().fetch(places).run()) {
        TInt32 row = (TInt32) result.get(0);
        for (int t = 1; t < length; t++) {
          assertTrue(row.getInt(0, t) - row.getInt(0, t - 1) >= length);
        }
      }
    }
  }

  @Test
  void rowsOfDocumentsThatAreTooLongAreRefused() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TInt32> row = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(1, 1 << 15)));
      assertThrows(IllegalArgumentException.class, () -> AttentionMask.ofDocuments(tf, row, row));
    }
  }

  private static AttentionMask packed(Ops tf, int[][] positions, int[][] documents) {
    return AttentionMask.ofDocuments(tf, tf.constant(positions), tf.constant(documents));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
  void isItsDefinition(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int batch = random.nextInt(1, 4);
    int[][] queries = new int[batch][random.nextInt(1, 20)];
    int[][] keys = new int[batch][random.nextInt(1, 20)];
    for (int[][] side : new int[][][] {queries, keys}) {
      for (int[] row : side) Arrays.setAll(row, i -> random.nextInt(-3, 25));
    }
    OptionalInt window = random.nextBoolean() ? NONE : OptionalInt.of(random.nextInt(1, 25));
    AttentionSpec spec = new AttentionSpec(1, 1, 1, 1, Softcap.none(), window);
    AttentionOracle oracle = new AttentionOracle(spec, queries, keys);
    boolean[][][] want = new boolean[batch][queries[0].length][keys[0].length];
    for (int b = 0; b < batch; b++) {
      for (int t = 0; t < want[b].length; t++) {
        for (int s = 0; s < want[b][t].length; s++) {
          want[b][t][s] = oracle.visible(queries[b][t], keys[b][s]);
        }
      }
    }
    assertEquals(printed(want), printed(queries, keys, window));
  }

  private static String printed(int[] positions, OptionalInt window) {
    int[][] row = {positions};
    return printed(row, row, window);
  }

  private static String printed(int[][] queries, int[][] keys, OptionalInt window) {
    return printed(
        tf -> new AttentionMask(tf.constant(queries), tf.constant(keys)),
        window,
        queries.length,
        queries[0].length,
        keys[0].length);
  }

  private static String printed(
      Function<Ops, AttentionMask> traced, OptionalInt window, int rows, int queries, int keys) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<TBool> visible = traced.apply(tf).visible(tf, window);
      try (Result result = session.runner().fetch(visible).run()) {
        TBool mask = (TBool) result.get(0);
        boolean[][][] seen = new boolean[rows][queries][keys];
        mask.scalars()
            .forEachIndexed(
                (at, scalar) -> seen[(int) at[0]][(int) at[1]][(int) at[2]] = scalar.getBoolean());
        return printed(seen);
      }
    }
  }

  /** A 0 or 1 a pair; an empty line between rows of the batch. */
  private static String printed(boolean[][][] masks) {
    return Arrays.stream(masks)
        .map(mask -> Arrays.stream(mask).map(AttentionMaskTest::line).collect(Collectors.joining()))
        .collect(Collectors.joining("\n"));
  }

  private static String line(boolean[] seen) {
    StringBuilder line = new StringBuilder();
    for (boolean one : seen) line.append(line.isEmpty() ? "" : " ").append(one ? 1 : 0);
    return line.append('\n').toString();
  }
}
