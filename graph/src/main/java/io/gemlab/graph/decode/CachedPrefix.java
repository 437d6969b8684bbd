package io.gemlab.graph.decode;

import java.util.Arrays;
import java.util.Optional;

/**
 * The tokens of one row whose keys and values a cache holds, from position 0 on.
 *
 * @param cache the cache; empty where nothing is known of one
 */
record CachedPrefix(Optional<CacheLayout> cache, int[] tokens) {
  static final CachedPrefix NONE = new CachedPrefix(Optional.empty(), new int[0]);

  CachedPrefix(CacheLayout cache, int[] tokens) {
    this(Optional.of(cache), tokens);
  }

  /**
   * How many of a prompt's first tokens need not be taken in again: all but the last at most, since
   * what follows it is asked for.
   */
  int reusable(CacheLayout wanted, int[] prompt) {
    if (!cache.equals(Optional.of(wanted))) return 0;
    int longest = Math.min(tokens.length, prompt.length - 1);
    int differs = Arrays.mismatch(tokens, 0, longest, prompt, 0, longest);
    int common = differs < 0 ? longest : differs;
    // Going back is only possible while no ring has written over what was seen then.
    boolean back = common < tokens.length;
    return back && tokens.length > wanted.fewestSlots() ? 0 : common;
  }
}
