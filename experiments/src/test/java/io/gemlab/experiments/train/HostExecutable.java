package io.gemlab.experiments.train;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.Profile;
import io.gemlab.graph.trace.GraphFunction;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** An executable without TensorFlow: state in host memory, and one function in plain Java. */
final class HostExecutable implements Executable {
  private final Map<String, HostTensor> state = new HashMap<>();
  private final Function<Map<String, HostTensor>, Map<String, HostTensor>> function;

  HostExecutable(Function<Map<String, HostTensor>, Map<String, HostTensor>> function) {
    this.function = function;
  }

  @Override
  public void assign(String name, HostTensor value) {
    HostTensor copy = HostTensor.zeros(value.type(), value.shape());
    copy.data().copyFrom(value.data());
    state.put(name, copy);
  }

  @Override
  public List<TensorPiece> pieces(String name) {
    HostTensor value = state.get(name);
    return List.of(TensorPiece.whole(value.shape(), () -> value));
  }

  @Override
  public Results run(String name, Map<String, HostTensor> arguments) {
    return new Results(function.apply(arguments));
  }

  @Override
  public void add(GraphFunction more) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void release(Collection<String> states) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Profile profile(String name, Map<String, HostTensor> arguments) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ExecutionReport report(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
