package io.gemlab.graph.train;

import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.trace.GraphFunction;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The functions that a training step calls. */
public sealed interface StepFunctions {
  /** What is trained, whichever is in a function's updates. */
  Set<StateRole> TRAINED = EnumSet.of(StateRole.WEIGHT, StateRole.ADAPTER);

  /** What a run that goes on has from elsewhere. */
  Set<StateRole> NOT_KEPT = EnumSet.of(StateRole.GRADIENT, StateRole.TEACHER);

  /** A step of one batch. */
  record Whole(GraphFunction step) implements StepFunctions {
    @Override
    public List<GraphFunction> all() {
      return List.of(step);
    }

    @Override
    public GraphFunction last() {
      return step;
    }
  }

  /**
   * A step of any number of micro-batches.
   *
   * @param accumulate adds the gradients of each, {@link TrainStep#traceAccumulate}
   * @param update ends the step, {@link TrainStep#traceUpdate}
   */
  record Accumulating(GraphFunction accumulate, GraphFunction update) implements StepFunctions {
    @Override
    public List<GraphFunction> all() {
      return List.of(accumulate, update);
    }

    @Override
    public GraphFunction last() {
      return update;
    }
  }

  /**
   * A step that the workers of a cluster take together, of any number of micro-batches of which
   * each worker has its part.
   *
   * @param accumulate adds the gradients of each micro-batch but the last; empty where there is one
   * @param reduce adds those of the last, and then those of all workers, {@link
   *     TrainStep#traceReduce}
   * @param update ends the step, in each worker by itself
   */
  record Shared(Optional<GraphFunction> accumulate, GraphFunction reduce, GraphFunction update)
      implements StepFunctions {
    @Override
    public List<GraphFunction> all() {
      return Stream.concat(accumulate.stream(), Stream.of(reduce, update)).toList();
    }

    @Override
    public GraphFunction last() {
      return update;
    }
  }

  /** What a path has to load. */
  List<GraphFunction> all();

  /** What changes the weights: it has all of the optimizer's state. */
  GraphFunction last();

  /**
   * All of their state, each once. A run goes on from all of it but {@link StateRole#GRADIENT},
   * which only needs some value.
   */
  default List<GraphFunction.Input> state() {
    Map<String, GraphFunction.Input> state = new LinkedHashMap<>();
    for (GraphFunction function : all()) {
      function.state().forEach(input -> state.putIfAbsent(input.spec().name(), input));
    }
    return List.copyOf(state.values());
  }

  /**
   * What a run goes on from: all state but gradients, which a step begins anew, and a teacher's,
   * which nothing changes.
   */
  default List<TensorSpec> kept() {
    return state().stream()
        .filter(input -> input.role().filter(NOT_KEPT::contains).isEmpty())
        .map(GraphFunction.Input::spec)
        .toList();
  }

  /** Whether the step takes {@link TrainStep#MAX_LOSS} and {@link TrainStep#MAX_NORM}. */
  default boolean isGuarded() {
    return last().argumentSpecs().stream().anyMatch(spec -> spec.name().equals(TrainStep.MAX_LOSS));
  }

  /** The trained tensors, in the order of {@link TrainStep#FINITE} and of counts. */
  default List<TensorSpec> trained() {
    Map<String, Optional<StateRole>> roles =
        last().state().stream()
            .collect(Collectors.toMap(input -> input.spec().name(), GraphFunction.Input::role));
    return last().updates().stream()
        .map(GraphFunction.Output::spec)
        .filter(update -> roles.get(update.name()).filter(TRAINED::contains).isPresent())
        .toList();
  }
}
