package io.gemlab.graph.decode;

import io.gemlab.ops.Padding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A stretch of prompts that end together, as one call takes it in: short ones have padding before
 * them.
 *
 * @param ids [B, T]
 * @param positions where each stands in its prompt, [B, T]
 * @param labels the token that follows each in its prompt, [B, T]; {@link Padding#LABEL} where none
 *     does
 */
record PromptChunk(int[][] ids, int[][] positions, int[][] labels) {

  /** Prompts cut for a cache. Rows of the cache without a prompt are padding. */
  static List<PromptChunk> cut(CacheLayout cache, List<int[]> prompts, int pad) {
    return cut(cache, prompts, pad, Buckets.chunks(cache, longest(prompts)));
  }

  /** Prompts cut for a cache, and for calls that score the vocabulary after every token. */
  static List<PromptChunk> cutScored(CacheLayout cache, List<int[]> prompts, int pad) {
    return cut(cache, prompts, pad, Buckets.scoredChunks(cache, longest(prompts)));
  }

  private static int longest(List<int[]> prompts) {
    return prompts.stream().mapToInt(prompt -> prompt.length).max().orElseThrow();
  }

  /**
   * A prompt's tokens behind those that the cache holds: without padding, which would be written
   * over them.
   *
   * @param held how many it holds
   */
  static List<PromptChunk> cutRest(CacheLayout cache, int[] prompt, int held) {
    return cut(cache, List.of(prompt), 0, Buckets.exactChunks(cache, prompt.length - held));
  }

  private static List<PromptChunk> cut(
      CacheLayout cache, List<int[]> prompts, int pad, List<Integer> lengths) {
    List<PromptChunk> chunks = new ArrayList<>();
    int before = lengths.stream().mapToInt(Integer::intValue).sum();
    for (int length : lengths) {
      PromptChunk chunk =
          new PromptChunk(
              filled(cache.rows(), length, pad),
              filled(cache.rows(), length, Padding.POSITION),
              filled(cache.rows(), length, Padding.LABEL));
      for (int b = 0; b < prompts.size(); b++) {
        int first = prompts.get(b).length - before; // the position that column 0 would have
        for (int t = Math.max(0, -first); t < length; t++)
          chunk.put(b, t, prompts.get(b), first + t);
      }
      before -= length;
      chunks.add(chunk);
    }
    return chunks;
  }

  private void put(int row, int column, int[] prompt, int position) {
    ids[row][column] = prompt[position];
    positions[row][column] = position;
    if (position + 1 < prompt.length) labels[row][column] = prompt[position + 1];
  }

  private static int[][] filled(int rows, int length, int value) {
    int[][] filled = new int[rows][length];
    for (int[] row : filled) Arrays.fill(row, value);
    return filled;
  }
}
