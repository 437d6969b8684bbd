package io.gemlab.experiments.conformance;

import java.util.List;

/** By which way a row's tokens come to the model; each passes the window of the sliding layer. */
public enum CacheMode {
  /** The forward pass over whole rows. */
  WHOLE_ROWS("whole rows"),
  /** As many tokens as the ring buffer holds in one chunk, the others one by one. */
  ONE_CHUNK("one chunk, then decoding"),
  /** Chunks, and the last few tokens one by one. */
  CHUNKS("chunks, then decoding");

  /** Those with a cache. */
  static final List<CacheMode> CACHED = List.of(ONE_CHUNK, CHUNKS);

  private static final int DECODED = 4;

  private final String label;

  CacheMode(String label) {
    this.label = label;
  }

  /** For people. */
  public String label() {
    return label;
  }

  /** How many tokens of each of a probe's rows are taken in in chunks. */
  int prefilled(Probe probe) {
    List<int[]> rows = probe.rows();
    int longest = rows.stream().mapToInt(row -> row.length).max().orElseThrow();
    return switch (this) {
      case WHOLE_ROWS -> longest;
      case ONE_CHUNK -> probe.config().slidingWindow();
      case CHUNKS -> longest - DECODED;
    };
  }
}
