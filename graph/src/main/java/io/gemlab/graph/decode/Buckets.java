package io.gemlab.graph.decode;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedList;
import java.util.List;

/**
 * The few shapes that requests of any size are run in, each traced and compiled once: rows and
 * positions in powers of two, and prompts in chunks that are powers of two as well.
 */
final class Buckets {
  private static final int SMALLEST_CAPACITY = 64;
  private static final int SMALLEST_CHUNK = 16;
  private static final int LARGEST_CHUNK = 512;

  /** Scores of tokens that a call makes, of which several copies lie in memory at once: 0.5 GB. */
  private static final long MOST_SCORES = 1L << 27;

  private Buckets() {}

  /**
   * The cache for a request.
   *
   * @param positions the longest row's; at most the model's context
   */
  static CacheLayout cache(Gemma2Config config, ElementType type, int rows, int positions) {
    int capacity = Math.max(SMALLEST_CAPACITY, powerOfTwo(positions));
    return new CacheLayout(
        config,
        powerOfTwo(rows),
        Math.max(positions, Math.min(capacity, config.maxPositionEmbeddings())),
        type);
  }

  /**
   * The lengths of the calls that take in {@code tokens} tokens, with padding before the first: no
   * more of it than a quarter of that call, where calls are not too short to be cut.
   */
  static List<Integer> chunks(CacheLayout cache, int tokens) {
    return chunks(tokens, largestChunk(cache));
  }

  /** All lengths that {@link #chunks} may give, the shortest first. */
  static List<Integer> chunkLengths(CacheLayout cache) {
    int full = largestChunk(cache);
    List<Integer> lengths = new ArrayList<>();
    for (int length = SMALLEST_CHUNK; length < full; length *= 2) lengths.add(length);
    lengths.add(full);
    return lengths;
  }

  /**
   * The same where a call scores the vocabulary after each of its tokens, and not after the last
   * alone: no longer than memory is for.
   */
  static List<Integer> scoredChunks(CacheLayout cache, int tokens) {
    long most = MOST_SCORES / ((long) cache.rows() * cache.config().vocabSize());
    int chunk = Math.max(SMALLEST_CHUNK, (int) Long.highestOneBit(Math.max(1, most)));
    return chunks(tokens, Math.min(chunk, largestChunk(cache)));
  }

  private static int largestChunk(CacheLayout cache) {
    return Math.min(LARGEST_CHUNK, cache.capacity());
  }

  private static List<Integer> chunks(int tokens, int full) {
    LinkedList<Integer> lengths = new LinkedList<>(Collections.nCopies(tokens / full, full));
    int rest = tokens % full;
    while (rest > 0) {
      int padded = Math.min(full, Math.max(SMALLEST_CHUNK, powerOfTwo(rest)));
      boolean whole = padded - rest <= padded / 4 || padded <= 2 * SMALLEST_CHUNK;
      lengths.addFirst(whole ? padded : padded / 2);
      rest -= lengths.getFirst();
    }
    return lengths;
  }

  /** Lengths of calls that take in {@code tokens} tokens and no padding. */
  static List<Integer> exactChunks(CacheLayout cache, int tokens) {
    int full = largestChunk(cache);
    List<Integer> lengths = new ArrayList<>(Collections.nCopies(tokens / full, full));
    int rest = tokens % full;
    while (rest >= SMALLEST_CHUNK) {
      lengths.add(Integer.highestOneBit(rest));
      rest -= lengths.getLast();
    }
    lengths.addAll(Collections.nCopies(rest, 1));
    return lengths;
  }

  /** The next power of two. */
  static int powerOfTwo(int atLeast) {
    int below = Integer.highestOneBit(atLeast);
    return below == atLeast ? below : 2 * below;
  }
}
