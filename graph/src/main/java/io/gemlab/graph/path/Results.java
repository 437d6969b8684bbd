package io.gemlab.graph.path;

import io.gemlab.graph.tensor.HostTensor;
import java.util.Map;
import java.util.NoSuchElementException;

/** What a call returned, by name. Closing it closes every tensor of it. */
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

  @Override
  public void close() {
    tensors.values().forEach(HostTensor::close);
  }
}
