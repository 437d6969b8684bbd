package io.gemlab.graph.decode;

/**
 * What crossed between Java and the runtime, and how often something was readied to run. Between
 * two tokens only ids cross, and nothing is readied: these numbers show it.
 *
 * @param calls calls of a function
 * @param bytesIn bytes of all arguments
 * @param bytesOut bytes of all results
 * @param readied functions traced and readied, each for one shape; each is compiled at most once
 */
public record Traffic(long calls, long bytesIn, long bytesOut, int readied) {
  static final Traffic NONE = new Traffic(0, 0, 0, 0);

  Traffic plus(Traffic other) {
    return new Traffic(
        calls + other.calls,
        bytesIn + other.bytesIn,
        bytesOut + other.bytesOut,
        readied + other.readied);
  }

  /** What came to pass since {@code earlier}. */
  public Traffic since(Traffic earlier) {
    return new Traffic(
        calls - earlier.calls,
        bytesIn - earlier.bytesIn,
        bytesOut - earlier.bytesOut,
        readied - earlier.readied);
  }
}
