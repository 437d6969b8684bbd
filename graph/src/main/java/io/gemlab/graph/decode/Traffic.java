package io.gemlab.graph.decode;

/**
 * What crossed between Java and the runtime, and how often something was compiledFunctions to run.
 * Between two tokens only ids cross, and nothing is compiledFunctions: these numbers show it.
 *
 * @param calls calls of a function
 * @param bytesIn bytes of all arguments
 * @param bytesOut bytes of all results
 * @param compiledFunctions functions traced and compiledFunctions, each for one shape; each is
 *     compiled at most once
 */
public record Traffic(long calls, long bytesIn, long bytesOut, int compiledFunctions) {
  static final Traffic NONE = new Traffic(0, 0, 0, 0);

  Traffic plus(Traffic other) {
    return new Traffic(
        calls + other.calls,
        bytesIn + other.bytesIn,
        bytesOut + other.bytesOut,
        compiledFunctions + other.compiledFunctions);
  }

  /** What came to pass since {@code earlier}. */
  public Traffic since(Traffic earlier) {
    return new Traffic(
        calls - earlier.calls,
        bytesIn - earlier.bytesIn,
        bytesOut - earlier.bytesOut,
        compiledFunctions - earlier.compiledFunctions);
  }
}
