package io.gemlab.graph.base.text;

import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * How well a token is told from the one before it alone, in nats a token: the bar that a trained
 * model has to get under, or it has not learnt to use more than that.
 *
 * @param validation the cross-entropy of the validation tokens under a bigram model of the training
 *     tokens: the mean of -ln p(b | a) over all neighbours a b of the validation tokens, with p(b |
 *     a) = (n(a b) + s) / (n(a) + sV), where n counts neighbours a b, and neighbours that start
 *     with a, in the training tokens, s is the smoothing and V the vocabulary size. Comparable with
 *     a model's validation loss
 * @param corpus the empirical conditional entropy of all the tokens: the mean of -ln (n(a b) /
 *     n(a)) over the neighbours of the training and of the validation tokens, n counting both
 *     together. It knows the text that it predicts, so it is the lower of the two: by little for
 *     bytes (2.45 of 2.49 for the built-in corpus), by far for a large vocabulary, most of whose
 *     pairs occur once
 */
public record BigramEntropy(double validation, double corpus) {
  /**
   * @param vocabularySize V: every token is below it
   * @param smoothing s, above 0: what is added to every count
   */
  public static BigramEntropy of(PackedSequences sequences, int vocabularySize, double smoothing) {
    if (!(smoothing > 0) || !Double.isFinite(smoothing)) {
      throw new IllegalArgumentException(
          "smoothing is " + smoothing + ": give a number above 0, or unseen pairs are infinite");
    }
    long[] training = pairs(sequences.training());
    long[] validation = pairs(sequences.validation());
    long[] all = LongStream.concat(Arrays.stream(training), Arrays.stream(validation)).toArray();
    return new BigramEntropy(
        crossEntropy(new Counts(training, vocabularySize), validation, vocabularySize, smoothing),
        entropy(new Counts(all, vocabularySize), all));
  }

  private static double crossEntropy(
      Counts counts, long[] pairs, int vocabularySize, double smoothing) {
    return LongStream.of(pairs)
        .mapToDouble(
            pair ->
                Math.log(counts.ofFirst(pair) + smoothing * vocabularySize)
                    - Math.log(counts.of(pair) + smoothing))
        .average()
        .orElseThrow();
  }

  private static double entropy(Counts counts, long[] pairs) {
    return LongStream.of(pairs)
        .mapToDouble(pair -> Math.log(counts.ofFirst(pair)) - Math.log(counts.of(pair)))
        .average()
        .orElseThrow();
  }

  /** The neighbours a b of a run, as a in the upper half of a long and b in the lower. */
  private static long[] pairs(TokenSequences sequences) {
    int[] tokens = sequences.tokens().toArray();
    long[] pairs = new long[tokens.length - 1];
    for (int i = 0; i < pairs.length; i++) pairs[i] = (long) tokens[i] << 32 | tokens[i + 1];
    return pairs;
  }

  /** How often each pair, and each first token, occurs. */
  private static final class Counts {
    private final long[] sorted;
    private final int[] firsts;

    Counts(long[] pairs, int vocabularySize) {
      sorted = pairs.clone();
      Arrays.parallelSort(sorted);
      firsts = new int[vocabularySize];
      for (long pair : pairs) firsts[(int) (pair >>> 32)]++;
    }

    int ofFirst(long pair) {
      return firsts[(int) (pair >>> 32)];
    }

    int of(long pair) {
      return position(pair + 1) - position(pair);
    }

    /** How many pairs are smaller. */
    private int position(long pair) {
      int low = 0;
      int high = sorted.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (sorted[middle] < pair) low = middle + 1;
        else high = middle;
      }
      return low;
    }
  }
}
