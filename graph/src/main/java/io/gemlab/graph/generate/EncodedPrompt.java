package io.gemlab.graph.generate;

import java.util.Set;

/**
 * A prompt as the model reads it.
 *
 * @param ids its tokens
 * @param endIds tokens that end the answer
 */
public record EncodedPrompt(int[] ids, Set<Integer> endIds) {
  public EncodedPrompt {
    endIds = Set.copyOf(endIds);
  }
}
