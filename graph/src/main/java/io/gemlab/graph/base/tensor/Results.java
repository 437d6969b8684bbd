package io.gemlab.graph.base.tensor;

import io.gemlab.graph.base.input.NotFiniteException;
import java.util.Map;
import java.util.NoSuchElementException;

/** What a call returned, by name, in the function's order. Closing it closes every tensor of it. */
public record Results(Map<String, HostTensor> tensors) implements AutoCloseable {

  /**
   * A result.
   *
   * @throws NoSuchElementException if there is none of this name
   */
  public HostTensor get(String name) {
    HostTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new NoSuchElementException("no result " + name + "; there is " + tensors.keySet());
    }
    return tensor;
  }

  /**
   * Checks that all of it is numbers, in the order in which the function names its results.
   *
   * @throws NotFiniteException if one holds NaN or infinity; it names the first
   */
  public void requireFinite() {
    tensors.forEach(
        (name, tensor) ->
            tensor
                .notFinite()
                .ifPresent(
                    what -> {
                      throw new NotFiniteException(
                          name
                              + " holds "
                              + what
                              + ": the computation left the range of its type; if that is float16,"
                              + " which ends at 65504, compute in bfloat16 or float32");
                    }));
  }

  @Override
  public void close() {
    tensors.values().forEach(HostTensor::close);
  }
}
