package io.gemlab.experiments.distill;

import io.gemlab.experiments.train.Resumable;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;

/**
 * Who teaches a run, so that it goes on with no other.
 *
 * @param place where that was found, for messages
 * @param sha256 tells it from others
 */
public record TeacherIdentity(String place, String sha256) implements Resumable {
  private static final String STATE = "distill/teacher";

  @Override
  public Map<String, HostTensor> saved() {
    byte[] letters = sha256.getBytes(StandardCharsets.US_ASCII);
    int[] codes = new int[letters.length];
    for (int i = 0; i < codes.length; i++) codes[i] = letters[i];
    return Map.of(STATE, HostTensor.of(codes, codes.length));
  }

  /**
   * {@inheritDoc}
   *
   * @throws InvalidInput if the run began with another teacher
   */
  @Override
  public void restore(Function<String, HostTensor> saved) {
    if (Arrays.equals(saved.apply(STATE).ints(), saved().get(STATE).ints())) return;
    throw new InvalidInput(
        "%s is another teacher's than the run began with, or made otherwise; put that one back, or name another --out"
            .formatted(place));
  }
}
