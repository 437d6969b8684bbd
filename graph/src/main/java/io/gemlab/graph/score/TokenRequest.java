package io.gemlab.graph.score;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.Arrays;

/**
 * Tokens whose probability after others is asked for.
 *
 * @param context what stands before them, 1 or more ids
 * @param continuation what is scored, 1 or more ids
 */
public record TokenRequest(int[] context, int[] continuation) {
  public TokenRequest {
    if (context.length == 0 || continuation.length == 0) {
      throw new InvalidInput(
          "%d tokens are to be scored after %d; give at least one of each"
              .formatted(continuation.length, context.length));
    }
  }

  /** What the model reads: all but the last token, which it only has to predict. */
  int[] input() {
    int[] input = Arrays.copyOf(context, context.length + continuation.length - 1);
    System.arraycopy(continuation, 0, input, context.length, continuation.length - 1);
    return input;
  }

  /** The place in {@link #input} of the token behind which {@code continuation[k]} stands. */
  int before(int k) {
    return context.length - 1 + k;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenRequest(int[] otherContext, int[] otherContinuation)
        && Arrays.equals(context, otherContext)
        && Arrays.equals(continuation, otherContinuation);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(context) + Arrays.hashCode(continuation);
  }

  @Override
  public String toString() {
    return Arrays.toString(context) + " -> " + Arrays.toString(continuation);
  }
}
