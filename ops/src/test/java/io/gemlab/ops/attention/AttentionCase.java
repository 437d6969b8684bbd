package io.gemlab.ops.attention;

import io.gemlab.ops.oracle.OpCheck;
import io.gemlab.ops.oracle.Sample;
import io.gemlab.ops.oracle.TracedOp;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import org.tensorflow.Operand;
import org.tensorflow.types.TInt32;

/**
 * Something to attend to.
 *
 * @param spec what to compute
 * @param queries positions, [B][T]
 * @param keys positions, [B][S]; the same array for self-attention
 * @param inputs queries, keys and values
 */
public record AttentionCase(
    AttentionSpec spec, int[][] queries, int[][] keys, List<Sample> inputs) {

  /** Self-attention over normally distributed numbers. */
  static AttentionCase self(
      AttentionSpec spec, int[][] positions, double spread, SplittableRandom random) {
    return of(spec, positions, positions, spread, random);
  }

  /** Attention over normally distributed numbers. */
  public static AttentionCase of(
      AttentionSpec spec, int[][] queries, int[][] keys, double spread, SplittableRandom random) {
    int batch = queries.length;
    int headDim = spec.headDim();
    return new AttentionCase(
        spec,
        queries,
        keys,
        List.of(
            Sample.gaussian(random, spread, batch, queries[0].length, spec.heads(), headDim),
            Sample.gaussian(random, spread, batch, keys[0].length, spec.kvHeads(), headDim),
            Sample.gaussian(random, 1, batch, keys[0].length, spec.kvHeads(), headDim)));
  }

  /**
   * Any self-attention: with and without window and cap, with grouped heads, padding on either side
   * and rows of nothing else, and positions that start anywhere.
   */
  public static AttentionCase random(long seed, int longest) {
    SplittableRandom random = new SplittableRandom(seed);
    int length = random.nextInt(1, longest + 1);
    int kvHeads = random.nextInt(1, 3);
    Softcap[] caps = {Softcap.none(), Softcap.of(2), Softcap.of(50), Softcap.of(70)};
    AttentionSpec spec =
        new AttentionSpec(
            kvHeads * random.nextInt(1, 4),
            kvHeads,
            random.nextInt(1, 5),
            random.nextDouble(0.2, 1),
            caps[random.nextInt(caps.length)],
            random.nextBoolean()
                ? OptionalInt.of(random.nextInt(1, length + 2))
                : OptionalInt.empty());
    int[][] positions = new int[random.nextInt(1, 3)][];
    for (int b = 0; b < positions.length; b++) positions[b] = positions(random, length);
    return self(spec, positions, 1.5, random);
  }

  /** A row's positions: padding, then counting from anywhere, then padding. */
  public static int[] positions(SplittableRandom random, int length) {
    int left = random.nextBoolean() ? 0 : random.nextInt(length + 1);
    int right = random.nextBoolean() ? 0 : random.nextInt(length - left + 1);
    int start = random.nextBoolean() ? 0 : random.nextInt(100);
    int[] positions = new int[length];
    for (int i = 0; i < length; i++) {
      boolean padding = i < left || i >= length - right;
      positions[i] = padding ? -random.nextInt(1, 4) : start + i - left;
    }
    return positions;
  }

  public TracedOp traced(Attention attention) {
    return (tf, in) -> {
      Operand<TInt32> positions = tf.constant(queries);
      AttentionMask mask =
          keys == queries
              ? AttentionMask.of(positions)
              : new AttentionMask(positions, tf.constant(keys));
      return attention.attend(tf, spec, mask, in.get(0), in.get(1), in.get(2));
    };
  }

  /** Where the query is a token: for padding the value means nothing. */
  public IntPredicate counts() {
    int[] flat = Arrays.stream(queries).flatMapToInt(Arrays::stream).toArray();
    int perToken = spec.heads() * spec.headDim();
    return i -> flat[i / perToken] >= 0;
  }

  OpCheck check(List<Attention> attentions) {
    AttentionOracle oracle = new AttentionOracle(spec, queries, keys);
    return new OpCheck(
        attentions.stream().map(this::traced).toList(),
        in -> oracle.value(in.get(0), in.get(1), in.get(2)),
        inputs,
        counts());
  }

  @Override
  public String toString() {
    return spec + " at " + Arrays.deepToString(queries);
  }
}
